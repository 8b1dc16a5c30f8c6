/// The outer object of every frame, both ways. Unknown members are passed over.
struct Envelope {
    var event: String
    var channel: String?
    /// Nil where the frame has no `data`, or `null`.
    var data: JSON?
    var userID: String?

    enum Side {
        /// `data` is a JSON text in a string more often than not: look inside.
        case fromServer
        /// A client sends objects; a string is a string.
        case fromClient
    }

    init(_ text: String, _ side: Side) throws(FrameError) {
        var event: String?
        var channel: String?
        var data: JSON?
        var userID: String?
        var isObject = true
        do throws(JSONError) {
            try JSON.scan(text) { (scanner) throws(JSONError) in
                guard scanner.peek() == UInt8(ascii: "{") else {
                    isObject = false
                    _ = try scanner.value()
                    return
                }
                try scanner.expect(UInt8(ascii: "{"))
                if scanner.take(UInt8(ascii: "}")) { return }
                repeat {
                    guard scanner.peek() == UInt8(ascii: "\"") else {
                        throw scanner.fail(scanner.peek().map { .unexpectedByte($0) } ?? .endOfText)
                    }
                    let name = try scanner.string()
                    try scanner.expect(UInt8(ascii: ":"))
                    switch name {
                    case "event": event = try scanner.value(depth: 1).string
                    case "channel": channel = try scanner.value(depth: 1).string
                    case "user_id": userID = try scanner.value(depth: 1).identifier
                    case "data":
                        if side == .fromServer, scanner.peek() == UInt8(ascii: "\"") {
                            data = try scanner.stringOrInnerValue()
                        } else {
                            data = try scanner.value(depth: 1)
                        }
                    default: _ = try scanner.value(depth: 1)
                    }
                } while scanner.take(UInt8(ascii: ","))
                try scanner.expect(UInt8(ascii: "}"))
            }
        } catch {
            throw .notJSON(error)
        }
        guard isObject else { throw .notAnObject }
        guard let event, !event.isEmpty else { throw .noEvent }
        self.event = event
        self.channel = channel
        self.data = data == .null ? nil : data
        self.userID = userID
    }
}
