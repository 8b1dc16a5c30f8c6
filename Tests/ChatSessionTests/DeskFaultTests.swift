import Chat
import Testing

@testable import ChatSession

@Suite("a desk that cannot store")
struct DeskFaultTests {
    private func warnings(_ room: World) -> [String] {
        room[alice].notices.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    @Test("is reported for as long as it lasts, whatever can still be read there, and what waits is sent after that")
    func full() {
        var room = World()
        for user in [alice, bob] { room.start(user) }
        room.want(alice, .open(aliceBob))
        #expect(room.chat(alice).deskFault == nil)
        room.desk.isFull = true
        room.say(alice, "m1", to: aliceBob)
        let since = room.chat(alice).deskFault?.since
        #expect(room.chat(alice).deskFault?.reason == "the disk is full")
        #expect(warnings(room) == ["the disk is full; what you send is kept and sent later"])
        room.want(alice, .search(SearchQuery("x", in: nil)))
        room.want(alice, .open(.lobby))
        room.advance(by: .seconds(20))
        #expect(room.chat(alice).deskFault?.since == since)
        #expect(warnings(room).count == 1)
        room.desk.isFull = false
        room.advance(by: .seconds(60))
        #expect(room.chat(alice).deskFault == nil)
        #expect(room.texts(bob, aliceBob) == ["m1"])
    }

    @Test("is forgotten when nothing waits to be stored any more and the desk answers")
    func discarded() {
        var room = World()
        room.start(alice)
        room.want(alice, .open(aliceBob))
        room.desk.faults = [("/api/conversations", 502, 1)]
        room.want(alice, .loadOlder(aliceBob))
        room.want(alice, .open(.lobby))
        room.advance(by: .seconds(10))
        #expect(room.chat(alice).deskFault == nil)
    }

    @Test(
        "a page of somebody in between is not taken for the desk's word that something was stored",
        arguments: [
            ("", true), ("{}", true), ("<html>sign in</html>", false), ("ok", false),
        ])
    func accepted(body: String, isTaken: Bool) {
        #expect(((try? DeskReply.accepted(status: 200, body: body)) != nil) == isTaken)
        #expect((try? DeskReply.accepted(status: 204, body: "")) != nil)
    }

    @Test("is told from limits of the caller, and from an engine that does not answer")
    func others() throws {
        func fault(_ status: Int, _ code: String) throws -> String? {
            let body = #"{"error":{"code":"\#(code)","message":"a sentence"}}"#
            return try #require(throws: DeskFailure.self) { try DeskReply.done(status: status, body: body) }.deskFault
        }
        #expect(try fault(503, "store_unavailable") == "a sentence")
        #expect(try fault(503, "disk_full") == "a sentence")
        #expect(try fault(503, "store_damaged") == "a sentence")
        #expect(try fault(503, "engine_unavailable") == nil)
        #expect(try fault(429, "too_many_requests") == nil)
        #expect(try fault(403, "x") == nil)
        #expect(
            #expect(throws: DeskFailure.self) { try DeskReply.done(status: 502, body: "<html>") }?.deskFault
                == "the desk answered 502")
    }
}
