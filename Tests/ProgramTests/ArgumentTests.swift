import Chat
import ChatSession
import Testing

@testable import parley

@Suite("arguments")
struct ArgumentTests {
    @Test(
        "that are wrong give one line and the help that is about them",
        arguments: [
            (["bogus"], "unexpected argument 'bogus'; see parley --help"),
            (["send"], "missing expected argument '<peer>'; see parley send --help"),
            (["who", "--bogus"], "unknown option '--bogus'; see parley who --help"),
            (
                ["send", "bob", "--timeout", "soon"],
                "the value 'soon' is invalid for '--timeout <time>'; see parley send --help"
            ),
            (
                ["config", "--path", "--check"],
                "--path, --print and --check exclude each other; see parley config --help"
            ),
            (
                ["history", "bob", "--limit", "x"],
                "the value 'x' is invalid for '--limit <n>'; see parley history --help"
            ),
            (["--as"], "missing value for '--as <user>'; see parley --help"),
        ])
    func usage(arguments: [String], sentence: String) {
        let error = #expect(throws: (any Error).self) { try Parley.command(for: arguments) }
        guard let error else { return }
        #expect(Parley.usage(error, arguments: arguments) == Failure(.usage, sentence))
    }

    @Test(
        "that could be text of a message are refused with a word about --, and are help before the recipient",
        arguments: [
            (["send", "bob", "-h"], true), (["send", "bob", "--help"], true),
            (["send", "bob", "see", "--version"], true),
            (["--as", "al", "send", "bob", "-h"], true), (["ask", "bob", "-h"], true),
            (["send", "bob", "--json", "-h"], true),
            (["send", "bob", "--generate-completion-script"], true), (["send", "-h"], false),
            (["send", "--help"], false),
            (["send", "--as", "al", "-h"], false), (["send", "bob", "--", "-h"], false), (["who", "-h"], false),
            (["ask", "-h"], false), (["-h"], false),
        ])
    func swallowedText(arguments: [String], isRefused: Bool) {
        let failure = Parley.swallowedText(arguments)
        #expect((failure != nil) == isRefused)
        if let failure { #expect(failure.code == .usage && failure.sentence.contains("put -- before")) }
    }

    @Test("unknown options of a verb that takes text lead to --")
    func unknownOption() {
        let arguments = ["send", "bob", "-5"]
        let error = #expect(throws: (any Error).self) { try Parley.command(for: arguments) }
        guard let error else { return }
        #expect(
            Parley.usage(error, arguments: arguments)?.sentence
                == "unknown option '-5'; put -- before a text that begins with -; see parley send --help")
    }

    @Test("--insecure may stand before the command")
    func insecure() throws {
        let command = try #require(try Parley.command(for: ["--insecure", "--as", "bob", "who"]) as? Who)
        #expect(command.global.insecure && command.global.user == "bob")
    }

    @Test("without a command mean the chat, with its options")
    func chat() throws {
        let command = try #require(
            try Parley.command(for: ["--as", "alice", "--with", "#lobby", "--linear"]) as? ChatCommandLine)
        #expect(command.global.user == "alice")
        #expect(command.with == "#lobby")
        #expect(command.linear)
        #expect(try Parley.command(for: []) is ChatCommandLine)
    }

    @Test("name a peer by id, or a room", arguments: ["bob", "a-b", "9", "x@y.z", "#lobby", "#dev-ops"])
    func places(text: String) throws {
        let place = try Peer(argument: text)
        #expect(place.argument == text)
    }

    @Test(
        "refuse what is no id in a sentence",
        arguments: [
            "", "..", "-x", "=a", "a b", "#", "##", "#-a", "#a b", "ü", "a/b", "a\u{1B}[31m",
            String(repeating: "a", count: 65),
        ])
    func noPlaces(text: String) {
        let failure = #expect(throws: Failure.self) { try Peer(argument: text) }
        #expect(failure?.code == .usage)
        #expect(failure?.sentence.contains("\u{1B}") == false)
        #expect(failure?.sentence.isEmpty == false)
    }

    @Test(
        "take times with a unit",
        arguments: [
            ("10s", 10_000), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000), ("3", 3_000), ("0.5s", 500), ("0", 0),
        ])
    func times(text: String, milliseconds: Int) {
        #expect(TimeSpan(argument: text)?.duration == .milliseconds(milliseconds))
    }

    @Test(
        "refuse other times", arguments: ["", "s", "-1s", "1d", "ten", "1e400s", "nan", "inf", "99999h", "1 s", "+1s"])
    func noTimes(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test("of tail are checked before anything is opened")
    func tail() throws {
        let all = try #require(
            try Parley.command(for: ["tail", "bob", "--since", "4", "--count", "2", "--timeout", "3s", "--json"])
                as? Tail)
        #expect(
            try all.options()
                == TailOptions(
                    place: try Peer(argument: "bob"), since: 4, count: 2, timeout: .seconds(3), isPresent: false,
                    isJSON: true))
        for arguments in [["--since", "4"], ["bob", "--since=-1"], ["--count", "0"], ["bob!"]] {
            let tail = try #require(try Parley.command(for: ["tail"] + arguments) as? Tail)
            #expect(throws: Failure.self) { try tail.options() }
        }
    }

    @Test("name a client id by a UUID only")
    func clientIDs() throws {
        let id = Send.newID()
        #expect(try Send.checked(id) == id)
        #expect(try Send.checked(id.uppercased()) == id)
        #expect(Send.newID() != id)
        for wrong in ["", "x", id + "0", id.replacing("-", with: ""), "g" + id.dropFirst()] {
            #expect(throws: Failure.self) { try Send.checked(wrong) }
        }
    }
}

@Suite("what is printed")
struct OutputTests {
    @Test("as JSON holds no character a terminal obeys, and reads the same")
    func harmless() {
        #expect(Text.harmless("{\"a\":\"grüße 👋\"}") == "{\"a\":\"grüße 👋\"}")
        #expect(
            Text.harmless("\u{7F}\u{9B}\u{202E}\u{2028}\u{E0041}\u{200B}")
                == "\\u007f\\u009b\\u202e\\u2028\\udb40\\udc41\\u200b")
    }

    @Test("of a message is its time, sender and text, further lines indented and nothing obeyed")
    func message() throws {
        let conversation = try #require(ConversationName(channel: "private-chat-alice-bob"))
        let message = Message(
            id: "1", seq: 7, conversation: conversation, from: UserID.near("bob"), text: "one\ntwo\u{1B}[31m",
            at: Timestamp(milliseconds: 1_795_169_730_123), clientID: "c")
        let line = Text.message(message)
        #expect(line.hasSuffix(" bob: one\n    two^[[31m"))
        #expect(Text.members(message).map(\.0) == ["id", "seq", "conversation", "from", "text", "at", "client_id"])
    }
}

@Suite("the log file")
struct LogFileTests {
    @Test("is not there before the first line, closed to others, and bounded")
    func bounded() throws {
        let folder = try TestFolder()
        let log = LogFile(path: folder.path + "/state/parley.log")
        #expect(throws: (any Error).self) { try folder.mode(of: "state/parley.log") }
        log.write("first")
        #expect(try folder.mode(of: "state/parley.log") == 0o600)
        let line = String(repeating: "x", count: 10_000)
        for _ in 0..<300 { log.write(line) }
        log.write("last")
        let text = try SmallFile.read(folder.path + "/state/parley.log", limit: 4 << 20)?.text ?? ""
        #expect(text.utf8.count <= LogFile.limit + 20_000)
        #expect(text.hasSuffix("\nlast\n"))
        let lines: [Substring] = text.split(separator: "\n")
        #expect(lines.dropLast().allSatisfy { $0.utf8.count == 10_000 })
    }

    @Test("that cannot be written stops nobody")
    func unwritable() {
        LogFile(path: "/proc/nowhere/parley.log").write("x")
    }
}
