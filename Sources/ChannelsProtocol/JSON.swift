// ChannelsProtocol: the words on the wire, as values. Events and frames, names, socket ids, members, close codes,
// signatures, limits, and the JSON they are written in.
// It knows no socket, clock, file or random source: nonces, seeds and timestamps are arguments.
// A new event from the server: `ServerEvent`, then `ServerEvent+Decoding`, `ServerEvent+Encoding`.
// A new frame from a client: `ClientFrame`. A new limit: `Limits`.

/// A JSON value as it stood in the text: numbers keep their digits, objects keep their order.
///
/// Numbers are text because ids may be greater than 2⁵³; of two members with one name the last counts.
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number's own digits, such as `-12.50e3`.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    /// The member of that name; nil where there is none or this is no object.
    public subscript(name: String) -> JSON? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    public var isNull: Bool { self == .null }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The number as an integer; nil for fractions and for what an `Int` cannot hold.
    public var int: Int? {
        guard case .number(let digits) = self else { return nil }
        if let value = Int(digits) { return value }
        guard digits.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }),
            let value = Double(digits), value.magnitude <= 9_007_199_254_740_992
        else { return nil }
        return Int(exactly: value)
    }

    public var double: Double? {
        guard case .number(let digits) = self else { return nil }
        return Double(digits)
    }

    public var array: [JSON]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    public var object: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// An id as the wire may carry it: a string, or a number as its digits.
    public var identifier: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .null, .bool, .array, .object: nil
        }
    }
}

// No nil literal: `nil` would then mean `.null` in some places and "there is none" in others.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(floatLiteral value: Double) { self = value.isFinite ? .number(String(value)) : .null }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }

    public init(_ value: Int) { self = .number(String(value)) }
    public init(_ value: String) { self = .string(value) }
    public init(_ value: Bool) { self = .bool(value) }
}

extension JSON: CustomStringConvertible {
    public var description: String { text }
}
