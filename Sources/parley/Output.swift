import ChannelsProtocol
import Chat
import Glibc
import Screen

/// Lines to stdout and stderr. Data goes to stdout, everything else to stderr.
enum Output {
    /// One line of data. When nobody reads any more (`| head`) the program ends in peace.
    static func line(_ text: String) throws(Failure) { try write(text + "\n", to: 1, name: "stdout") }

    /// One object, which begins with `"v":1`.
    static func json(_ members: [(String, JSON)]) throws(Failure) {
        try line(Text.harmless(JSON.object(JSONObject([("v", 1)] + members)).text))
    }

    /// Something a person should know; what becomes of it does not matter.
    static func note(_ text: String) { try? write(text + "\n", to: 2, name: "stderr") }

    /// A question, or the line end after its answer.
    static func prompt(_ text: String) { try? write(text, to: 2, name: "stderr") }

    private static func write(_ text: String, to descriptor: Int32, name: String) throws(Failure) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EPIPE {
                exit(0)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, 1000)
            } else if errno != EINTR {
                throw Failure(.cannotWrite, "\(name): cannot be written (\(systemText(errno)))")
            }
        }
    }
}

/// Text for a terminal or a pipe that may end in one.
enum Text {
    /// On one line, with nothing in it that a terminal would obey.
    static func shown(_ text: String) -> String { Printable.line(text) }

    /// JSON whose strings hold no control, formatting or direction character as such. It reads the same.
    static func harmless(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: isHarmful) else { return json }
        var out = ""
        for scalar in json.unicodeScalars {
            if isHarmful(scalar) {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    /// `2026-11-20 10:15 bob: text`, further lines indented.
    static func message(_ message: Message) -> String {
        let lines = Printable.block(message.text ?? "(too long to show here)").split(
            separator: "\n", omittingEmptySubsequences: false)
        return "\(stamp(message.at)) \(message.from): " + lines.joined(separator: "\n    ")
    }

    /// `2026-11-20 10:15`, here.
    static func stamp(_ moment: Timestamp) -> String {
        let time = CalendarTime(moment, offsetSeconds: Now.zoneOffset(at: moment))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(time.year)-\(two(time.month))-\(two(time.day)) \(two(time.hour)):\(two(time.minute))"
    }

    static func members(_ message: Message) -> [(String, JSON)] {
        var members: [(String, JSON)] = [
            ("id", .string(message.id)), ("seq", JSON(message.seq)),
            ("conversation", .string(message.conversation.channel)),
            ("from", .string(message.from.text)), ("text", message.text.map { .string($0) } ?? .null),
            ("at", .string(message.at.rfc3339)), ("client_id", .string(message.clientID)),
        ]
        if message.isAutomated { members.append(("automated", true)) }
        return members
    }
}
