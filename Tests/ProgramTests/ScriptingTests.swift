import ChannelsProtocol
import Chat
import Testing

@testable import parley

@Suite("what scripts hold on to")
struct ScriptingTests {
    private let alice = UserID("alice")!
    private let bob = UserID("bob")!

    private var transcript: Transcript {
        let name = ConversationName(alice, bob)!
        let messages = [1, 2, 5].map { seq in
            Message(
                id: "m\(seq)", seq: seq, conversation: name, from: seq == 2 ? alice : bob,
                text: seq == 1 ? "<b>*hi*</b> & \u{202E}evil" : "line one\nline two",
                at: Timestamp(milliseconds: 1_795_000_000_000 + Int64(seq) * 1000), clientID: "c\(seq)")
        }
        return Transcript(
            desk: "local desk", store: "s", user: alice, conversation: name, title: "bob",
            participants: [(alice, "alice"), (bob, "Bob B.")], messages: messages, seenByPeer: 2, last: 6,
            exportedAt: Timestamp(milliseconds: 1_795_000_100_000), zone: "UTC+00:00", offset: { _ in 0 })
    }

    @Test("a transcript names participants, zone, states and what is missing, in every format")
    func formats() {
        for lines in [transcript.text(), transcript.markdown(), transcript.html()] {
            let text = lines.joined(separator: "\n")
            for part in ["Bob B", "UTC", "seen", "numbers 3 to 4 are missing", "number 6 is missing", "line two"] {
                #expect(text.contains(part) || text.contains(part.replacing("+", with: "\\+")), "\(part): \(text)")
            }
            #expect(!text.contains("\u{202E}"))
        }
        #expect(!transcript.html().joined().contains("<b>"))
        #expect(!transcript.markdown().joined().contains("*hi*"))
    }

    @Test("a transcript written page by page is the same as one written at once", arguments: Export.Format.allCases)
    func pages(format: Export.Format) {
        var paged = transcript
        var survey = TranscriptSurvey()
        for message in transcript.messages { survey.add([message]) }
        paged.messages = []
        paged.survey = survey
        var writer = TranscriptWriter(paged, format)
        var lines = writer.begin()
        for message in transcript.messages { lines += writer.add([message]) }
        lines += writer.end()
        #expect(lines == TranscriptWriter.lines(transcript, format))
        #expect(lines.count > transcript.messages.count)
    }

    @Test("a transcript's lines are what their schemas say, and come back as they went")
    func roundTrip() throws {
        let lines = transcript.jsonLines()
        try SchemaCheck.expect(lines.joined(separator: "\n"), fits: "export", atLeast: 7)
        let file = try TranscriptFile(lines.joined(separator: "\n") + "\n", name: "f")
        #expect(file.parts.first?.messages == transcript.messages)
        #expect(file.parts.first?.hasGaps == true)
    }

    @Test("one changed byte is found, and the line named", arguments: 1...7)
    func changed(number: Int) throws {
        var lines = transcript.jsonLines()
        for offset in [7, 20, lines[number - 1].utf8.count / 2, lines[number - 1].utf8.count - 5] {
            var bytes = Array(lines[number - 1].utf8)
            bytes[offset] = bytes[offset] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
            let old = lines[number - 1]
            lines[number - 1] = String(decoding: bytes, as: UTF8.self)
            let failure = #expect(throws: Failure.self) {
                try TranscriptFile(lines.joined(separator: "\n"), name: "f")
            }
            #expect(failure?.code == .badInput)
            #expect(failure?.sentence.hasPrefix("f, line \(number): ") == true, "\(failure?.sentence ?? "")")
            lines[number - 1] = old
        }
    }

    @Test("a line left out, put in or moved is found, and so is a missing end")
    func moved() {
        let lines = transcript.jsonLines()
        var variants: [[String]] = [lines.dropLast(), [lines[1]] + lines]
        for index in 1..<lines.count - 1 { variants.append(Array(lines[..<index] + lines[(index + 1)...])) }
        variants.append([lines[0], lines[2], lines[1]] + lines[3...])
        variants += [[], ["{}"], ["no json"]]
        for variant in variants {
            #expect(throws: Failure.self) { try TranscriptFile(variant.joined(separator: "\n"), name: "f") }
        }
    }

    @Test("a status format replaces names and leaves out brackets with a 0 in them")
    func status() throws {
        var facts = StatusFacts(user: "alice", desk: "local desk", unseen: 0, conversations: 0, online: 3)
        let format = try StatusFormat("[{unseen} in {conversations}, ]{online} \\{here\\} {user}@{desk}")
        #expect(format.text(facts) == "3 {here} alice@local desk")
        facts.unseen = 2
        facts.conversations = 1
        #expect(format.text(facts) == "2 in 1, 3 {here} alice@local desk")
    }

    @Test("a status format that is none is refused", arguments: ["{", "{x}", "[", "]", "[[a]]", "{unseen"])
    func noFormat(text: String) { #expect(throws: Failure.self) { try StatusFormat(text) } }

    @Test("members become variables; nothing of a text is a name or a second line of the environment")
    func variables() {
        let members: [(String, JSON)] = [
            ("type", "message"), ("from", "bob"), ("seq", 7), ("text", "a=b\n$(reboot)`x`"), ("late", true),
            ("list", ["x"]), ("nothing", .null), ("nul", "a\0b"),
        ]
        #expect(
            CommandRuns.variables(members).map { "\($0.name)=\($0.value)" } == [
                "PARLEY_EVENT=message", "PARLEY_EVENT_FROM=bob", "PARLEY_EVENT_SEQ=7",
                "PARLEY_EVENT_TEXT=a=b\n$(reboot)`x`", "PARLEY_EVENT_LATE=true",
            ])
    }

    @Test("who leaves for less than the grace has not left, and our own lost connection says nothing")
    func presence() {
        var presence = PeerPresence()
        presence.note(isOnline: false, now: .seconds(1))
        #expect(presence.leftAt(.seconds(10)) == nil)
        presence.note(isOnline: true, now: .seconds(2))
        presence.note(isOnline: false, now: .seconds(3))
        presence.note(isOnline: false, now: .seconds(4))
        #expect(presence.leftAt(.seconds(10)) == .seconds(13))
        presence.note(isOnline: nil, now: .seconds(5))
        #expect(presence.leftAt(.seconds(10)) == nil)
        presence.note(isOnline: true, now: .seconds(6))
        #expect(presence.leftAt(.seconds(10)) == nil)
    }

    @Test(
        "a late answer, a choice that was not offered, and an answer to another question or of somebody else are no outcome"
    )
    func outcomes() {
        let name = ConversationName(alice, bob)!
        let at = Timestamp(milliseconds: 0)
        let question = Message(id: "q", seq: 1, conversation: name, from: alice, text: "?", at: at)
        var message = Message(id: "a", seq: 2, conversation: name, from: bob, text: "yes", at: at)
        #expect(AskOutcome(message, to: question, offering: ["yes", "no"], by: bob) == nil)
        message.answer = GivenAnswer(to: "other", choice: "yes")
        #expect(AskOutcome(message, to: question, offering: ["yes", "no"], by: bob) == nil)
        message.answer = GivenAnswer(to: "q", choice: "yes", isLate: true)
        #expect(AskOutcome(message, to: question, offering: ["yes", "no"], by: bob) == nil)
        message.answer = GivenAnswer(to: "q", choice: "yes")
        #expect(
            AskOutcome(message, to: question, offering: ["yes", "no"], by: bob) == .answered(message, choice: "yes"))
        #expect(AskOutcome(message, to: question, offering: ["yes", "no"], by: alice) == nil)
        message.answer = GivenAnswer(to: "q", choice: "rm -rf")
        #expect(AskOutcome(message, to: question, offering: ["yes", "no"], by: bob) == nil)
        message.answer = GivenAnswer(to: "q", choice: nil)
        #expect(AskOutcome(message, to: question, offering: ["yes", "no"], by: bob)?.code == 10)
    }

    @Test("each arrival and departure is told once, whatever our own connection does")
    func transitions() {
        var chat = ChatState()
        let now = Moment(uptime: .zero, date: Timestamp(milliseconds: 0))
        var transitions = Transitions()
        func hear(_ events: ChatEvent...) -> [String] {
            var notices: [ChatNotice] = []
            for event in events {
                for case .notice(let notice) in chat.apply(event, now: now) { notices.append(notice) }
            }
            return transitions.changes(notices, chat).map { "\($0.kind.rawValue) \($0.user)" }
        }
        let carol = UserID("carol")!
        _ = hear(.signedIn(SignedIn(me: alice, name: "a", store: "s", lobby: .lobby)), .linkChanged(.online))
        #expect(hear(.conversationsLoaded([]), .rosterReplaced([NamedUser(alice), NamedUser(bob)])) == [])
        // A second terminal of bob's is the engine's business and no event; this is one all the same.
        #expect(hear(.memberAdded(NamedUser(bob))) == [])
        #expect(hear(.memberAdded(NamedUser(carol))) == ["join carol"])
        #expect(hear(.memberRemoved(carol), .memberAdded(NamedUser(carol))) == ["leave carol", "join carol"])
        #expect(hear(.linkChanged(.offline(reason: "x", retryAt: nil))) == [])
        #expect(hear(.linkChanged(.online), .rosterReplaced([NamedUser(alice), NamedUser(bob)])) == ["leave carol"])
    }
}
