/// Writes JSON into one buffer, without building a tree first where speed matters.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Text that already is JSON.
    public mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Bytes that already are JSON.
    public mutating func raw(_ already: [UInt8]) { bytes.append(contentsOf: already) }

    /// Text that already is JSON.
    public mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    public mutating func write(_ value: JSON) {
        switch value {
        case .null: raw("null")
        case .bool(true): raw("true")
        case .bool(false): raw("false")
        case .number(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            raw("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { raw(",") }
                write(element)
            }
            raw("]")
        case .object(let object):
            raw("{")
            for (index, member) in object.members.enumerated() {
                if index > 0 { raw(",") }
                write(member.name)
                raw(":")
                write(member.value)
            }
            raw("}")
        }
    }

    /// `text` in quotes, escaped.
    public mutating func write(_ text: String) {
        raw("\"")
        contents(text)
        raw("\"")
    }

    /// `text` escaped, without the quotes.
    public mutating func contents(_ text: String) {
        var text = text
        text.withUTF8 { escape($0) }
    }

    /// A value as a string that holds its JSON text: the double encoding of `data`.
    public mutating func writeAsString(_ value: JSON) {
        var inner = JSONWriter()
        inner.write(value)
        raw("\"")
        inner.bytes.withUnsafeBufferPointer { escape($0) }
        raw("\"")
    }

    private mutating func escape(_ source: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for index in 0..<source.count {
            let byte = source[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            if index > start { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start..<index])) }
            start = index + 1
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            default:
                raw("\\u00")
                bytes.append(Self.hexDigit(byte >> 4))
                bytes.append(Self.hexDigit(byte & 15))
            }
        }
        if source.count > start { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start...])) }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
