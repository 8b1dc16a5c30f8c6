/// Reads one JSON value from bytes that are known to be UTF-8. Strict: the grammar of RFC 8259 and nothing else.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0
    private let depthLimit: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    func fail(_ problem: JSONError.Problem, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? position, problem: problem)
    }

    private func unexpected() -> JSONError {
        position < bytes.count ? fail(.unexpectedByte(bytes[position])) : fail(.endOfText)
    }

    /// The next byte that is no white space, not yet consumed; nil at the end.
    @inline(__always)
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Consumes `byte` if it is the next one.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard take(byte) else { throw unexpected() }
    }

    mutating func expectEnd() throws(JSONError) {
        guard peek() == nil else { throw fail(.trailingText) }
    }

    mutating func value(depth: Int = 0) throws(JSONError) -> JSON {
        guard let next = peek() else { throw fail(.endOfText) }
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw unexpected()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw unexpected() }
            position += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= depthLimit else { throw fail(.tooDeep(limit: depthLimit)) }
        position += 1
        var members: [JSONObject.Member] = []
        if take(UInt8(ascii: "}")) { return JSONObject() }
        members.reserveCapacity(4)
        repeat {
            guard peek() == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try string()
            try expect(UInt8(ascii: ":"))
            members.append(.init(name: name, value: try value(depth: depth)))
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return JSONObject(unresolved: members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSON] {
        guard depth <= depthLimit else { throw fail(.tooDeep(limit: depthLimit)) }
        position += 1
        var elements: [JSON] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value(depth: depth)) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return elements
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = digits()
        guard whole > 0 else { throw fail(.badNumber, at: start) }
        if whole > 1, bytes[position - whole] == UInt8(ascii: "0") { throw fail(.badNumber, at: start) }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard digits() > 0 else { throw fail(.badNumber, at: start) }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits() > 0 else { throw fail(.badNumber, at: start) }
        }
        return text(start, position)
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    private func text(_ start: Int, _ end: Int) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    }
}

extension JSONScanner {
    /// A string whose opening quote is the next byte.
    mutating func string() throws(JSONError) -> String {
        let raw = try rawString()
        guard raw.isEscaped else { return text(raw.start, raw.end) }
        return String(unsafeUninitializedCapacity: raw.end - raw.start) { buffer in
            Self.unescape(UnsafeBufferPointer(rebasing: bytes[raw.start..<raw.end]), into: buffer)
        }
    }

    /// Where the contents of the next string lie; every escape in them has been checked.
    mutating func rawString() throws(JSONError) -> (start: Int, end: Int, isEscaped: Bool) {
        position += 1
        let start = position
        var isEscaped = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return (start, position - 1, isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                try skipEscape()
                continue
            }
            guard byte >= 0x20 else { throw fail(.controlCharacter) }
            position += 1
        }
        throw fail(.endOfText)
    }

    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < bytes.count else { throw fail(.endOfText, at: bytes.count) }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard position + 5 < bytes.count else { throw fail(.endOfText, at: bytes.count) }
            for index in position + 2...position + 5 where Self.hexValue(bytes[index]) == nil {
                throw fail(.badEscape)
            }
            position += 6
        default: throw fail(.badEscape)
        }
    }

    /// The bytes of the slice of a checked string, unescaped; never longer than what came in.
    /// A surrogate without its other half becomes U+FFFD, which needs three bytes for the six of its escape.
    static func unescape(_ raw: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var read = 0
        var written = 0
        func put(_ byte: UInt8) {
            out[written] = byte
            written += 1
        }
        while read < raw.count {
            let byte = raw[read]
            guard byte == UInt8(ascii: "\\") else {
                put(byte)
                read += 1
                continue
            }
            let kind = raw[read + 1]
            read += 2
            switch kind {
            case UInt8(ascii: "n"): put(0x0A)
            case UInt8(ascii: "r"): put(0x0D)
            case UInt8(ascii: "t"): put(0x09)
            case UInt8(ascii: "b"): put(0x08)
            case UInt8(ascii: "f"): put(0x0C)
            case UInt8(ascii: "u"):
                var scalar = unit(raw, read)
                read += 4
                if scalar & 0xFC00 == 0xD800, read + 5 < raw.count, raw[read] == UInt8(ascii: "\\"),
                    raw[read + 1] == UInt8(ascii: "u"), unit(raw, read + 2) & 0xFC00 == 0xDC00
                {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(raw, read + 2) & 0x3FF
                    read += 6
                }
                for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}").unsafelyUnwrapped { put(byte) }
            default: put(kind)
            }
        }
        return written
    }

    private static func unit(_ raw: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | UInt32(hexValue(raw[start + $1]) ?? 0) }
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }

    /// The string just found, where its contents are themselves a JSON text; else what they say.
    ///
    /// This is the rule of `data`: parse it if it can be parsed, keep the string if not.
    mutating func stringOrInnerValue() throws(JSONError) -> JSON {
        let raw = try rawString()
        let slice = UnsafeBufferPointer(rebasing: bytes[raw.start..<raw.end])
        guard raw.isEscaped else { return Self.innerValue(slice, depthLimit) ?? .string(text(raw.start, raw.end)) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: slice.count) { scratch in
            let count = Self.unescape(slice, into: scratch)
            let inner = UnsafeBufferPointer(rebasing: scratch[..<count])
            return Self.innerValue(inner, depthLimit) ?? .string(String(decoding: inner, as: UTF8.self))
        }
    }

    private static func innerValue(_ bytes: UnsafeBufferPointer<UInt8>, _ depthLimit: Int) -> JSON? {
        var scanner = JSONScanner(bytes, depthLimit: depthLimit)
        guard let value = try? scanner.value(), scanner.peek() == nil else { return nil }
        return value
    }
}
