import Chat

/// A transcript for people: Markdown, HTML, plain text.
extension Transcript {
    func text() -> [String] {
        var lines = head.map { "\($0): \($1)" } + [""]
        var day = ""
        for item in items {
            switch item {
            case .gap(let gap): lines.append("-- \(Self.gapText(gap)) --")
            case .message(let message):
                let (date, clock) = stamp(message.at)
                if date != day { lines += (day.isEmpty ? [] : [""]) + ["== \(date) =="] }
                day = date
                let note = notes(message).map { " [\($0)]" } ?? ""
                let body = Self.written(message).split(separator: "\n", omittingEmptySubsequences: false)
                lines.append("\(clock) \(message.from): " + body.joined(separator: "\n    ") + note)
            }
        }
        return lines
    }

    func markdown() -> [String] {
        var lines = ["# \(Markdown.inline("Conversation with \(Text.shown(title))"))", ""]
        lines += head.map { "* **\($0)**: \(Markdown.inline($1))" }
        var day = ""
        for item in items {
            switch item {
            case .gap(let gap): lines += ["", "*\(Self.gapText(gap))*"]
            case .message(let message):
                let (date, clock) = stamp(message.at)
                if date != day { lines += ["", "## \(date)"] }
                day = date
                let note = notes(message).map { " *(\(Markdown.inline($0)))*" } ?? ""
                lines += ["", "**\(Markdown.inline(message.from.text))** \(clock)\(note)", ""]
                lines += Markdown.quotation(Self.written(message))
            }
        }
        return lines
    }

    func html() -> [String] {
        let name = Self.html("Conversation with \(Text.shown(title))")
        var lines = [
            "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>\(name)</title>",
            "<style>body{font:1em/1.5 sans-serif;max-width:50em;margin:2em auto}"
                + "pre{white-space:pre-wrap;margin:0;font:inherit}time,small{color:#666}</style></head><body>",
            "<h1>\(name)</h1>", "<dl>",
        ]
        lines += head.map { "<dt>\(Self.html($0))</dt><dd>\(Self.html($1))</dd>" } + ["</dl>"]
        var day = ""
        for item in items {
            switch item {
            case .gap(let gap): lines.append("<p><em>\(Self.gapText(gap))</em></p>")
            case .message(let message):
                let (date, clock) = stamp(message.at)
                if date != day { lines.append("<h2>\(date)</h2>") }
                day = date
                let note = notes(message).map { " <small>\(Self.html($0))</small>" } ?? ""
                lines.append(
                    "<article id=\"m\(message.seq)\"><strong>\(Self.html(message.from.text))</strong>"
                        + " <time datetime=\"\(message.at.rfc3339)\">\(clock)</time>\(note)"
                        + "<pre>\(Self.html(Self.written(message)))</pre></article>")
            }
        }
        return lines + ["</body></html>"]
    }

    private var head: [(String, String)] {
        let people = participants.map { $0.id.text == $0.name ? $0.id.text : "\($0.id.text) (\($0.name))" }
        return [
            ("Conversation", title), ("Desk", "\(desk), store \(store)"), ("Exported", exportedAt.rfc3339),
            ("Exported by", user.text), ("Participants", people.joined(separator: ", ")),
            ("Messages", "\(messages.count) of \(last)"), ("Times", zone),
            ("Missing", gaps.isEmpty ? "nothing" : gaps.map(Self.gapText).joined(separator: "; ")),
        ].map { ($0, Text.shown($1)) }
    }

    private func notes(_ message: Message) -> String? {
        var notes: [String] = []
        if message.from == user { notes.append(state(of: message)) }
        if message.isAutomated { notes.append("automated") }
        if let question = message.question {
            notes.append("asks: \(question.choices.joined(separator: " / ")), until \(question.until.rfc3339)")
        }
        if let answer = message.answer {
            notes.append((answer.choice == nil ? "declines" : "answers") + (answer.isLate ? ", late" : ""))
        }
        return notes.isEmpty ? nil : Text.shown(notes.joined(separator: "; "))
    }

    private func stamp(_ at: Timestamp) -> (date: String, clock: String) {
        let time = CalendarTime(at, offsetSeconds: offset(at))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return (
            "\(time.year)-\(two(time.month))-\(two(time.day))",
            "\(two(time.hour)):\(two(time.minute)):\(two(time.second))"
        )
    }

    /// The text as it was written, with marks in the place of what a terminal would obey.
    private static func written(_ message: Message) -> String {
        Text.visible((message.text ?? "").replacing("\r\n", with: "\n"))
    }

    private static func html(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;".unicodeScalars
            case "<": out += "&lt;".unicodeScalars
            case ">": out += "&gt;".unicodeScalars
            case "\"": out += "&quot;".unicodeScalars
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
