import Chat

/// A transcript for people: Markdown, HTML, plain text.
extension Transcript {
    func text() -> [String] { TranscriptWriter.lines(self, .text) }
    func markdown() -> [String] { TranscriptWriter.lines(self, .md) }
    func html() -> [String] { TranscriptWriter.lines(self, .html) }

    var textHead: [String] { head.map { "\($0): \($1)" } + [""] }

    var markdownHead: [String] {
        ["# \(Markdown.inline("Conversation with \(Text.shown(title))"))", ""]
            + head.map { "* **\($0)**: \(Markdown.inline($1))" }
    }

    var htmlHead: [String] {
        let name = Self.html("Conversation with \(Text.shown(title))")
        return [
            "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>\(name)</title>",
            "<style>body{font:1em/1.5 sans-serif;max-width:50em;margin:2em auto}"
                + "pre{white-space:pre-wrap;margin:0;font:inherit}time,small{color:#666}</style></head><body>",
            "<h1>\(name)</h1>", "<dl>",
        ] + head.map { "<dt>\(Self.html($0))</dt><dd>\(Self.html($1))</dd>" } + ["</dl>"]
    }

    /// - Parameter dayBefore: of the message before; empty for the first.
    func text(_ message: Message, dayBefore: String) -> [String] {
        let (date, clock) = stamp(message.at)
        let heading = date == dayBefore ? [] : (dayBefore.isEmpty ? [] : [""]) + ["== \(date) =="]
        let note = notes(message).map { " [\($0)]" } ?? ""
        let body = Self.written(message).split(separator: "\n", omittingEmptySubsequences: false)
        return heading + ["\(clock) \(message.from): " + body.joined(separator: "\n    ") + note]
    }

    func markdown(_ message: Message, dayBefore: String) -> [String] {
        let (date, clock) = stamp(message.at)
        let heading = date == dayBefore ? [] : ["", "## \(date)"]
        let note = notes(message).map { " *(\(Markdown.inline($0)))*" } ?? ""
        return heading + ["", "**\(Markdown.inline(message.from.text))** \(clock)\(note)", ""]
            + Markdown.quotation(Self.written(message))
    }

    func html(_ message: Message, dayBefore: String) -> [String] {
        let (date, clock) = stamp(message.at)
        let heading = date == dayBefore ? [] : ["<h2>\(date)</h2>"]
        let note = notes(message).map { " <small>\(Self.html($0))</small>" } ?? ""
        return heading + [
            "<article id=\"m\(message.seq)\"><strong>\(Self.html(message.from.text))</strong>"
                + " <time datetime=\"\(message.at.rfc3339)\">\(clock)</time>\(note)"
                + "<pre>\(Self.html(Self.written(message)))</pre></article>"
        ]
    }

    private var head: [(String, String)] {
        let (count, gaps) = counted
        let people = participants.map { $0.id.text == $0.name ? $0.id.text : "\($0.id.text) (\($0.name))" }
        return [
            ("Conversation", title), ("Desk", "\(desk), store \(store)"), ("Exported", exportedAt.rfc3339),
            ("Exported by", user.text), ("Participants", people.joined(separator: ", ")),
            ("Messages", "\(count) of \(last)"), ("Times", zone),
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

    func stamp(_ at: Timestamp) -> (date: String, clock: String) {
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
