import ChannelsClient
import ChannelsProtocol
import Testing

@Suite("the roster")
struct RosterTests {
    let lobby: ChannelName = "presence-lobby"

    @Test("is there with the confirmation and follows who comes and goes")
    func follows() {
        var line = Line.connected()
        line.subscribe(lobby)
        line.authorize(lobby)
        #expect(line.connection.members(of: lobby) == nil)
        _ = line.take()
        line.confirm(lobby, [Member(id: "me"), Member(id: "3", info: ["name": "Bo"])])
        let members = PresenceMembers(myID: "me", members: [Member(id: "me"), Member(id: "3", info: ["name": "Bo"])])
        #expect(line.takeNotices() == [.subscribed(lobby, members)])
        #expect(members.me == Member(id: "me"))
        line.hear(.memberAdded(lobby, Member(id: "4")))
        line.hear(.memberAdded(lobby, Member(id: "4")))
        line.hear(.memberRemoved(lobby, id: "3"))
        line.hear(.memberRemoved(lobby, id: "3"))
        #expect(line.takeNotices() == [.memberAdded(lobby, Member(id: "4")), .memberRemoved(lobby, id: "3")])
        #expect(Set(line.connection.members(of: lobby)?.ids.map { $0 } ?? []) == ["me", "4"])
    }

    @Test("members whose ids are equal only to the eye are two members")
    func bytes() {
        let members = PresenceMembers(members: [Member(id: "\u{E9}"), Member(id: "e\u{301}")])
        #expect(members.count == 2 && members.all.count == 2)
    }

    @Test("takes newer information about a member, and keeps what is known where none is told")
    func changed() {
        var line = Line.connected(to: lobby)
        line.hear(.memberAdded(lobby, Member(id: "3", info: ["name": "Bo"])))
        _ = line.take()
        for info in [["name": "Bo"], nil, ["name": "Bo, away"]] as [JSON?] {
            line.hear(.memberAdded(lobby, Member(id: "3", info: info)))
        }
        let new = Member(id: "3", info: ["name": "Bo, away"])
        #expect(line.takeNotices() == [.memberChanged(lobby, new)])
        #expect(line.connection.members(of: lobby)?["3"] == new)
    }

    @Test("is corrected by somebody who knows better, and goes on from there")
    func corrected() {
        var line = Line.connected(to: lobby)
        line.hear(.memberAdded(lobby, Member(id: "3")))
        _ = line.take()
        line.add(line.connection.correctMembers(of: lobby, came: [Member(id: "4")], went: ["3", "5"]))
        #expect(line.takeNotices() == [.memberAdded(lobby, Member(id: "4")), .memberRemoved(lobby, id: "3")])
        line.hear(.memberAdded(lobby, Member(id: "3")))
        line.hear(.memberAdded(lobby, Member(id: "4")))
        #expect(line.takeNotices() == [.memberAdded(lobby, Member(id: "3"))])
    }

    @Test("is replaced by each confirmation, never added to")
    func replaced() {
        var line = Line.connected()
        line.enter(lobby)
        line.hear(.memberAdded(lobby, Member(id: "3")))
        line.close(1006)
        #expect(line.connection.members(of: lobby) == nil)
        line.waitForAttempt()
        line.greet()
        line.authorize(lobby)
        line.confirm(lobby, [Member(id: "me"), Member(id: "4")])
        #expect(Set(line.connection.members(of: lobby)?.ids.map { $0 } ?? []) == ["me", "4"])
    }

    @Test("takes up what was announced before the confirmation, once")
    func early() {
        var line = Line.connected()
        line.subscribe(lobby)
        line.authorize(lobby)
        _ = line.take()
        line.hear(.memberAdded(lobby, Member(id: "3")))
        line.hear(.memberAdded(lobby, Member(id: "4")))
        line.hear(.memberRemoved(lobby, id: "5"))
        line.confirm(lobby, [Member(id: "me"), Member(id: "3"), Member(id: "5")])
        let notices = line.takeNotices()
        #expect(notices.dropFirst() == [.memberAdded(lobby, Member(id: "4")), .memberRemoved(lobby, id: "5")])
        #expect(Set(line.connection.members(of: lobby)?.ids.map { $0 } ?? []) == ["me", "3", "4"])
    }

    @Test("takes ten thousand joins as ten thousand deltas")
    func many() {
        var line = Line.connected(to: lobby)
        for id in 0..<10_000 { line.hear(.memberAdded(lobby, Member(id: "u\(id)"))) }
        #expect(line.connection.members(of: lobby)?.count == 10_001)
        #expect(line.take().count == 10_000)
    }
}
