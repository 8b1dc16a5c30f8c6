/// One connection, named by the server in its greeting. Opaque but for its form, `digits.digits`.
///
/// The halves may be greater than any integer here, so it stays text. New on every connection, and part of what is signed.
public struct SocketID: Hashable, Sendable, CustomStringConvertible {
    public static let maxLength = 64

    public let text: String

    /// Nil unless the whole of `text` is `digits.digits`: what is signed must not be able to name another channel.
    public init?(_ text: String) {
        let halves = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard halves.count == 2, text.utf8.count <= Self.maxLength,
            halves.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } })
        else { return nil }
        self.text = text
    }

    public init(_ first: UInt64, _ second: UInt64) { text = "\(first).\(second)" }

    public var description: String { text }
}
