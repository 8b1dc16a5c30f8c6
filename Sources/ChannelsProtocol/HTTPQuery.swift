/// The query of a URL as names and values, decoded; order and repetition are kept.
public struct HTTPQuery: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    public struct Item: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var items: [Item]

    public init(_ items: [Item] = []) { self.items = items }

    public init(dictionaryLiteral elements: (String, String)...) {
        items = elements.map { Item(name: $0, value: $1) }
    }

    /// Reads `a=1&b=x%20y`. `+` is a space; a `%` that is followed by no two hex digits stands for itself.
    public init(decoding text: some StringProtocol) {
        // By bytes: a delimiter with a combining mark after it is another Character.
        items = Array(text.utf8).split(separator: UInt8(ascii: "&")).map { pair in
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return Item(name: Self.decode(halves[0]), value: halves.count > 1 ? Self.decode(halves[1]) : "")
        }
    }

    /// The first value of that name.
    public subscript(name: String) -> String? { items.first { WireText.equal($0.name, name) }?.value }

    /// Percent-encoded, for a URL or a form body: every byte but `A–Z a–z 0–9 - . _ ~` is `%XX`.
    public var text: String {
        items.map { Self.encode($0.name) + "=" + Self.encode($0.value) }.joined(separator: "&")
    }

    public static func encode(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return out
    }

    /// Undoes the percent-encoding. In a query and in a form `+` is a space; in a path it is itself.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = true) -> String {
        decode(Array(text.utf8)[...], plusIsSpace: plusIsSpace)
    }

    private static func decode(_ raw: ArraySlice<UInt8>, plusIsSpace: Bool = true) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            if raw[index] == UInt8(ascii: "%"), index + 2 < raw.endIndex,
                let high = JSONScanner.hexValue(raw[index + 1]),
                let low = JSONScanner.hexValue(raw[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(plusIsSpace && raw[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : raw[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
