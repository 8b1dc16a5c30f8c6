/// The name of a channel as it stands on the wire.
///
/// Any text can be wrapped, because servers differ in what they allow; `init(validating:)` and `problem(limit:)` hold it
/// against the rules of Pusher: letters, digits and `_ - = @ , . ;`, and `#` only for `#server-to-user-`.
public struct ChannelName: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// What server libraries allow; the documents say 164, see `Limits.channelName`.
    public static let maxLength = 200

    public let text: String

    /// Takes `text` as it is.
    public init(wire text: String) { self.text = text }

    /// Takes the literal as it is; for tests and constants.
    public init(stringLiteral value: String) { self.text = value }

    /// Throws what is wrong with the name.
    public init(validating text: String, limit: Int = ChannelName.maxLength) throws(ChannelNameError) {
        self.text = text
        if let problem = problem(limit: limit) { throw problem }
    }

    /// Nil where `init(validating:)` throws.
    public init?(_ text: String) {
        self.text = text
        if problem() != nil { return nil }
    }

    /// The channel on which a server speaks to one signed-in user.
    public static func serverToUser(_ id: String) -> ChannelName { ChannelName(wire: serverToUserPrefix + id) }

    private static let serverToUserPrefix = "#server-to-user-"

    /// Whose `#server-to-user-ID` this is; nil for other channels.
    public var userID: String? {
        guard text.utf8.starts(with: Self.serverToUserPrefix.utf8) else { return nil }
        return String(text.utf8.dropFirst(Self.serverToUserPrefix.utf8.count))
    }

    /// What is wrong with the name; nil if nothing is.
    public func problem(limit: Int = ChannelName.maxLength) -> ChannelNameError? {
        if text.isEmpty { return .empty }
        let length = text.utf8.count
        if length > limit { return .tooLong(length, limit: limit) }
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "#") {
            let prefix = Self.serverToUserPrefix.utf8
            guard text.utf8.starts(with: prefix), length > prefix.count else { return .reserved }
            rest = rest.dropFirst(prefix.count)
        }
        if rest.contains(where: { !Self.allows($0) }) { return .character(in: text) }
        return nil
    }

    public var description: String { text }

    /// By bytes, as on the wire.
    public static func == (a: ChannelName, b: ChannelName) -> Bool { WireText.equal(a.text, b.text) }

    public func hash(into hasher: inout Hasher) { WireText.hash(text, into: &hasher) }

    public static func < (a: ChannelName, b: ChannelName) -> Bool {
        a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }

    static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "="),
            UInt8(ascii: "@"), UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: ";"):
            true
        default: false
        }
    }
}

/// Why a text is no channel name.
public enum ChannelNameError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(Int, limit: Int)
    case character(in: String)
    case reserved

    public var description: String {
        switch self {
        case .empty: "a channel name cannot be empty"
        case .tooLong(let length, let limit): "a channel name has at most \(limit) characters; this one has \(length)"
        case .character(let name): "a channel name has only letters, digits and _ - = @ , . ;; \"\(name)\" has others"
        case .reserved: "a channel name that begins with # is reserved for #server-to-user-"
        }
    }
}
