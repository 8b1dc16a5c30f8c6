import Chat
import ChannelsEngine
import ChannelsProtocol
import NIOCore
import Testing

@testable import Desk
@testable import Terminal
@testable import parley

/// A delimiter and a combining scalar after it are one `Character`. Where bytes decide, they are two.
@Suite("delimiters before combining scalars")
struct DelimiterTests {
    static let marks: [String] = [
        "\u{300}", "\u{301}", "\u{308}", "\u{327}", "\u{345}", "\u{36F}", "\u{20DD}", "\u{FE0F}", "\u{200D}", "\u{93F}",
        "\u{94D}",
        "\u{9BE}", "\u{E31}", "\u{E33}", "\u{1F1E9}", "\u{1F3FF}", "\u{E0101}",
    ]

    private func same(_ a: String?, _ b: String?) -> Bool { a.map { Array($0.utf8) } == b.map { Array($0.utf8) } }

    @Test("a query of a URL is split at its delimiters", arguments: marks)
    func query(mark: String) {
        let query = HTTPQuery(decoding: "a=\(mark)1&\(mark)b=2")
        #expect(query.items.count == 2)
        #expect(same(query["a"], "\(mark)1") && same(query["\(mark)b"], "2"))
    }

    @Test("the path of the engine's API is split at its slashes", arguments: marks)
    func path(mark: String) {
        #expect(same(Engine.appID(inPath: "/apps/\(mark)1/events"), "\(mark)1"))
        #expect(Engine.appID(inPath: "/\(mark)apps/1/events") == nil)
        #expect(same(WebSocketRequest(uri: "/app/\(mark)key?\(mark)a=1")?.key, "\(mark)key"))
    }

    @Test("a channel name with a mark is a room of its own or no conversation", arguments: marks)
    func channels(mark: String) {
        #expect(ConversationName(channel: "private-chat-\(mark)a-b") == nil)
        #expect(ConversationName(channel: "private-chat-a-\(mark)b") == nil)
        #expect(ConversationName(channel: "private-chat-a\(mark)-b") == nil)
        #expect(same(ConversationName(channel: "presence-\(mark)x")?.channel, "presence-\(mark)x"))
        #expect(ConversationName.inboxOwner(channel: "private-user-\(mark)a") == nil)
        #expect(UserID("a;\(mark)") == nil && UserID(escaped: "a=\(mark)2D") == nil)
    }

    @Test("a password in a database's URL is hidden", arguments: marks)
    func database(mark: String) throws {
        let url = try #require(
            PostgresURL("postgres://me:\(mark)s3cret@\(mark)db/desk?\(mark)a=1&\(mark)password=\(mark)s3cret"))
        #expect(url.hasPassword)
        #expect(!url.shown.unicodeScalars.map { String($0) }.joined(separator: " ").contains("s 3"))
        #expect(!url.cleaned("it was \(mark)s3cret\(mark)").contains("s3cret"))
    }

    @Test("names and origins of the desk have no marks", arguments: marks)
    func hosts(mark: String) {
        #expect(HostCheck.name("desk:\(mark)80") == nil && HostCheck.name("[\(mark)::1]") == nil)
        #expect(HostCheck.name("desk\(mark)") == nil)
        #expect(!OriginCheck.isAllowed(origin: "http://\(mark)desk", host: "\(mark)desk"))
        #expect(throws: Failure.self) { _ = try DeskURL("https://\(mark)desk") }
        #expect(throws: Failure.self) { _ = try DeskURL("https://a@\(mark)desk") }
        #expect(ListenAddress("desk:\(mark)80") == nil)
        #expect(TrustedProxies("127.0.0.1 \(mark)::1") == nil)
    }

    @Test("the proxy's own entry is read whatever stands before it", arguments: marks)
    func forwarded(mark: String) throws {
        let proxy = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        let caller = CallerAddress(proxy, forwardedFor: "\(mark),\(mark),203.0.113.7", proxies: .thisMachine)
        #expect(caller.description == "203.0.113.7")
    }

    @Test("settings are split at their delimiters", arguments: marks)
    func settings(mark: String) throws {
        #expect("a \(mark)b".words.map { Array($0.utf8) } == ["a", "\(mark)b"].map { Array($0.utf8) })
        let headers = try #require(PlainTarget.headers("X-A:\(mark)1"))
        #expect(headers[0].name == "X-A" && same(headers[0].value, "\(mark)1"))
        #expect(throws: Failure.self) { _ = try ConfigFile("[\(mark)x]\n", name: "config.toml") }
        #expect(throws: Failure.self) { _ = try ConfigFile("[ \(mark)x]\n", name: "config.toml") }
        let format = try StatusFormat("[{unseen}\(mark)]\(mark){user}\(mark)")
        let facts = StatusFacts(user: "bob", desk: "d", unseen: 0, conversations: 0, online: 1)
        #expect(same(format.text(facts), "\(mark)bob\(mark)"))
    }

    @Test("arguments and variables are split at their equals sign", arguments: marks)
    func arguments(mark: String) {
        let ordered = Parley.ordered(["--as=\(mark)bob", "who"])
        #expect(ordered.first == "who" && same(ordered.last, "--as=\(mark)bob"))
    }

    @Test("a file is written into the folder that its path names", arguments: marks)
    func files(mark: String) throws {
        #expect(AccountSocket(store: "/tmp/\(mark)a.sqlite").folder == "/tmp")
        let folder = try TestFolder()
        let path = folder.path + "/new/\(mark)name"
        try parley.SmallFile.write("text", to: path)
        #expect(try parley.SmallFile.read(path)?.text == "text")
    }

    @Test("a notification has three fields whatever its text holds", arguments: marks)
    func notifications(mark: String) {
        let sequence = Terminal.notifySequence("a;\(mark)b", "c;\(mark)d", .osc777, facts: TerminalFacts(term: "xterm"))
        #expect(sequence.unicodeScalars.count { $0 == ";" } == 3)
    }

    @Test("nothing of a message is markup in a transcript", arguments: marks)
    func transcripts(mark: String) throws {
        let (alice, bob) = (try UserID(validating: "alice"), try UserID(validating: "bob"))
        let name = try #require(ConversationName(alice, bob))
        let at = Timestamp(milliseconds: 0)
        let message = Message(
            id: "1", seq: 1, conversation: name, from: bob, text: "<\(mark)b>\(mark)&\(mark)\"\(mark)*\(mark)", at: at)
        let transcript = Transcript(
            desk: "d", store: "s", user: alice, conversation: name, title: "bob", participants: [], messages: [message],
            seenByPeer: 0, last: 1, exportedAt: at, zone: "UTC", offset: { _ in 0 })
        let html = try #require(transcript.html().first { $0.utf8.starts(with: "<article".utf8) }).unicodeScalars
        #expect(!html.split(separator: "<").contains { $0.starts(with: mark.unicodeScalars) })
        let quote = transcript.markdown().filter { $0.utf8.starts(with: "> ".utf8) }.joined().unicodeScalars.dropFirst(
            2)
        #expect(zip(quote, quote.dropFirst()).allSatisfy { before, scalar in scalar != "*" || before == "\\" })
        #expect(quote.contains("*"))
    }
}
