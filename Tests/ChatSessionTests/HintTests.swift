import Chat
import ChannelsProtocol
import Testing

@testable import ChatSession

@Suite("availability and searches on the wire")
struct HintTests {
    private let alice = UserID("alice")!
    private let bob = UserID("bob")!
    private let lobby = ChannelName(wire: "presence-lobby")

    private func heard(_ data: String, on channel: String = "presence-lobby", by user: String? = "bob") -> ChatEvent? {
        guard let json = try? JSON(parsing: data) else { return nil }
        return try? WireEvent.chatEvent(
            "client-availability", data: json, channel: ChannelName(wire: channel), userID: user, me: alice,
            isEncrypted: false)
    }

    @Test("what somebody says of themself is believed as the engine names the sender, and comes back as it was said")
    func believed() throws {
        let away = Availability(.away, since: Timestamp(rfc3339: "2026-11-20T10:00:00.000Z")!, text: "lunch")
        #expect(heard(WireEvent.data(of: away).text) == .availabilityReceived(from: bob, away))
        #expect(heard(WireEvent.data(of: away).text, by: nil) == nil)
        #expect(heard(WireEvent.data(of: away).text, by: "..") == nil)
        #expect(heard(WireEvent.data(of: away).text, on: "private-chat-alice-bob") == nil)
    }

    @Test("who came unnoticed asks for it, where the engine names the sender")
    func asked() {
        #expect(heard(WireEvent.availabilityAsked.text) == .availabilityAsked)
        #expect(heard(WireEvent.availabilityAsked.text, by: nil) == nil)
        #expect(heard(#"{"asks":1}"#) == nil)
    }

    @Test(
        "what is no availability is dropped",
        arguments: [
            "{}", "[]", "7", #"{"state":"gone","since":"2026-11-20T10:00:00Z"}"#, #"{"state":"away"}"#,
            #"{"state":"away","since":"yesterday"}"#, #"{"state":7,"since":"2026-11-20T10:00:00Z"}"#,
        ])
    func malformed(data: String) {
        #expect(heard(data) == nil)
    }

    @Test("a search names its words and its place, whatever characters they have")
    func calls() {
        let everywhere = DeskCall.search(SearchQuery("a&b #1", in: nil), nil, limit: 50).request
        #expect(everywhere.method == "GET")
        #expect(everywhere.path == "/api/search?limit=50&q=" + HTTPQuery.encode("a&b #1"))
        #expect(!everywhere.path.contains("#") && !everywhere.path.contains("&b"))
        let here = DeskCall.search(SearchQuery("x", in: .lobby), .lobby, limit: 50).request
        #expect(here.path == "/api/search?limit=50&q=x&peer=" + HTTPQuery.encode("#lobby"))
        let peer = DeskCall.search(SearchQuery("x", in: nil), .peer(UserID("a=b")!), limit: 50).request
        #expect(peer.path.hasSuffix("&peer=" + HTTPQuery.encode("a=b")))
    }

    @Test("of what was found only messages of one's own conversations count, and nonsense is refused in a sentence")
    func found() throws {
        let mine =
            #"{"id":"1","seq":3,"conversation":"private-chat-alice-bob","from":"bob","text":"x","at":"2026-11-20T10:00:00Z"}"#
        let foreign = mine.replacing("alice", with: "carol")
        let list = try DeskReply.found(status: 200, body: "[\(mine),\(foreign),7]", me: alice)
        #expect(list.map(\.seq) == [3])
        #expect(try DeskReply.found(status: 200, body: "[]", me: alice).isEmpty)
        for body in ["", "{}", "nope", "[" + Array(repeating: mine, count: 201).joined(separator: ",") + "]"] {
            #expect(throws: DeskFailure.self) { try DeskReply.found(status: 200, body: body, me: alice) }
        }
        #expect(throws: DeskFailure.self) { try DeskReply.found(status: 503, body: "{}", me: alice) }
    }
}
