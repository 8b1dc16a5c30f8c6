extension JSON {
    /// How deep arrays and objects may nest before a text is refused.
    public static let depthLimit = 64

    /// Reads a whole text as one JSON value. Strict: no comments, no trailing commas, nothing after the value.
    ///
    /// A lone surrogate escape becomes U+FFFD; of two members with one name the last counts.
    public init(parsing text: String, depthLimit: Int = JSON.depthLimit) throws(JSONError) {
        self = try JSON.scan(text, depthLimit: depthLimit) { (scanner) throws(JSONError) in try scanner.value() }
    }

    /// As `init(parsing:)`, for bytes that came from outside and may not be UTF-8.
    public init(parsing bytes: some Collection<UInt8>, depthLimit: Int = JSON.depthLimit) throws(JSONError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONError(offset: 0, problem: .notUTF8)
        }
        try self.init(parsing: text, depthLimit: depthLimit)
    }

    /// Runs a scan over the whole of a text and insists that nothing follows.
    static func scan<Value>(
        _ text: String, depthLimit: Int = JSON.depthLimit,
        _ body: (inout JSONScanner) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        var text = text
        let result: Result<Value, JSONError> = text.withUTF8 { bytes in
            var scanner = JSONScanner(bytes, depthLimit: depthLimit)
            do throws(JSONError) {
                let value = try body(&scanner)
                try scanner.expectEnd()
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The value as compact JSON text. Slashes and letters beyond ASCII stand as they are.
    public var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return writer.text
    }
}
