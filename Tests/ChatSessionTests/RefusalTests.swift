import Chat
import Testing

@testable import ChatSession

@Suite("who refuses a session")
struct RefusalTests {
    private func refusal(_ status: Int) -> Session.Refusal? {
        var room = World()
        room.desk.faults = [("/api/me", status, 100)]
        room.start(alice)
        room.advance(by: .seconds(60))
        return room[alice].session.refusal
    }

    @Test("only a token that is not known asks for another one")
    func token() {
        #expect(refusal(401) == .token)
        #expect(refusal(403) == .desk)
        #expect(refusal(301) == .desk)
        #expect(refusal(404) == .desk)
        #expect(refusal(503) == nil)
    }
}
