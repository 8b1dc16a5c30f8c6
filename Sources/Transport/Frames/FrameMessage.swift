public import NIOCore

/// What one WebSocket message is to those above the frames: whole, unmasked, and checked.
public enum FrameMessage: Equatable, Sendable {
    case text(String)
    case binary(ByteBuffer)
    case ping(ByteBuffer)
    case pong(ByteBuffer)
    /// `code` is nil where the close frame was empty (1005 to the outside).
    case close(code: UInt16?, reason: String)
}

/// Which half of the conversation we are: a server's frames go out bare and come in masked, a client's the other way.
public enum FrameRole: Sendable {
    case server
    case client
}

/// A peer broke RFC 6455; the connection ends with `code` and `reason`.
public struct FrameViolation: Error, Equatable, Sendable, CustomStringConvertible {
    /// 1002 (broken frame), 1007 (text that is not UTF-8) or 1009 (too big).
    public let code: UInt16
    public let reason: String

    public init(code: UInt16, reason: String) {
        self.code = code
        self.reason = reason
    }

    static func broken(_ reason: String) -> FrameViolation { .init(code: 1002, reason: reason) }
    static func notUTF8(_ where: String) -> FrameViolation { .init(code: 1007, reason: "\(`where`) is not UTF-8") }
    static func tooBig(_ limit: Int) -> FrameViolation {
        .init(code: 1009, reason: "a message has at most \(limit) bytes")
    }

    static func tooManyFragments(_ limit: Int) -> FrameViolation {
        .init(code: 1009, reason: "a message has at most \(limit) fragments")
    }

    public var description: String { "WebSocket: \(reason) (\(code))" }
}
