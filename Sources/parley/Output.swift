import ChannelsProtocol
import Chat
import Glibc
import Screen

/// Lines to stdout and stderr. Data goes to stdout, everything else to stderr.
enum Output {
    /// One line of data, or several, with nothing in it that a terminal would obey. When nobody reads any more (`| head`)
    /// the program ends in peace.
    static func line(_ text: String) throws(Failure) { try write(Text.visible(text) + "\n", to: 1, name: "stdout") }

    /// Text of ours, with line ends and perhaps with colours.
    static func text(_ text: String) throws(Failure) { try write(text, to: 1, name: "stdout") }

    /// One object, which begins with `"v":1`.
    static func json(_ members: [(String, JSON)]) throws(Failure) { try line(Text.json(members)) }

    /// Whether colours are wanted on stdout: it is a terminal that has them, and nobody said no.
    static func isColored(_ settings: Settings) -> Bool {
        let term = getenv("TERM").map { String(cString: $0) } ?? ""
        return isatty(1) == 1 && settings.text(.theme) != "mono" && !term.isEmpty && term != "dumb"
    }

    /// Something a person should know; what becomes of it does not matter.
    static func note(_ text: String) { try? write(Text.visible(text) + "\n", to: 2, name: "stderr") }

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

    /// The same text, with marks in the place of what a terminal would obey and of what changes the order of what is read.
    /// Line ends and tabs stay, and so does everything that belongs to a character, as the joiners of an emoji do.
    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isObeyed) else { return text }
        var out = ""
        for scalar in text.unicodeScalars {
            if isObeyed(scalar) { out += Printable.line(String(scalar)) } else { out.unicodeScalars.append(scalar) }
        }
        return out
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// `1 message`, `2 messages`.
    static func count(_ count: Int, _ one: String) -> String { "\(count) \(one)\(count == 1 ? "" : "s")" }

    /// One object on one line, which begins with `"v":1`.
    static func json(_ members: [(String, JSON)]) -> String {
        harmless(JSON.object(JSONObject([("v", 1)] + members)).text)
    }

    /// JSON as people read it: two blanks for each level, and short lists on one line.
    static func pretty(_ json: JSON, indent: String = "") -> String {
        let inner = indent + "  "
        switch json {
        case .object(let object) where !object.members.isEmpty:
            let lines = object.members.map {
                "\(inner)\(JSON.string($0.name).text): \(pretty($0.value, indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        case .array(let list) where list.contains(where: { $0.object != nil }):
            return "[\n\(list.map { inner + pretty($0, indent: inner) }.joined(separator: ",\n"))\n\(indent)]"
        case .null, .bool, .number, .string, .array, .object: return harmless(json.text)
        }
    }

    /// Rows of cells, each column as wide as its widest cell.
    static func table(_ rows: [[String]]) -> [String] {
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], TextWidth.of(cell))
            }
        }
        return rows.map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                let isLast = index == row.count - 1
                line += cell + (isLast ? "" : String(repeating: " ", count: widths[index] - TextWidth.of(cell) + 2))
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

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
        let mark = message.isAutomated ? " (automated)" : ""
        return "\(stamp(message.at)) \(message.from)\(mark): " + lines.joined(separator: "\n    ")
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
        if message.isRelayed { members.append(("relayed", true)) }
        if let question = message.question {
            let choices = JSON.array(question.choices.map { .string($0) })
            members.append(("ask", ["choices": choices, "until": .string(question.until.rfc3339)]))
        }
        if let answer = message.answer {
            members.append(("answers", .string(answer.questionID)))
            if let choice = answer.choice { members.append(("choice", .string(choice))) }
            if answer.isLate { members.append(("late", true)) }
        }
        return members
    }
}
