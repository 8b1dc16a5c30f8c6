import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

/// Three people, an engine and a desk, in a world where lines break, desks are busy and terminals are killed: whatever
/// happens, what was accepted arrives once and in order, and everybody knows what is unseen.
@Suite("any sequence of faults")
struct SimulationTests {
    private struct Dice {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        mutating func pick<Element>(_ list: [Element]) -> Element { list[Int(next() % UInt64(list.count))] }
        mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }
    }

    private static let people = [alice, bob, carol]
    private static let places =
        [ConversationName(alice, bob)!, ConversationName(alice, carol)!, ConversationName(bob, carol)!, .lobby]

    @Test("loses nothing, doubles nothing, and ends with everybody knowing the same", arguments: 0..<1000)
    func seed(_ seed: UInt64) {
        var dice = Dice(state: seed &* 77 &+ 1)
        var room = Loopback()
        for user in Self.people { room.start(user) }
        var accepted: [ConversationName: [UserID: [String]]] = [:]
        var count = 0
        for _ in 0..<80 {
            let user = dice.pick(Self.people)
            let place = dice.pick(Self.places.filter { $0.includes(user) })
            switch dice.number(0...11) {
            case 0...3:
                count += 1
                accepted[place, default: [:]][user, default: []].append("m\(count)")
                room.say(user, "m\(count)", to: place)
            case 4: room.want(user, .open(dice.pick([place, nil])))
            case 5:
                let last = room.chat(user).conversation(place).heldThrough
                if last > 0 { room.want(user, .markSeen(place, through: dice.number(1...last))) }
            case 6: room.cut(user)
            case 7: room.mend(user)
            case 8: room.restart(user)
            case 9:
                let status = dice.pick([500, 503, 429])
                room.desk.faults = [
                    (dice.pick(["/messages", "/seen", "/api/conversations", "/pusher/auth"]), status, 3)
                ]
            case 10: room.advance(by: .milliseconds(dice.number(1...400)))
            default: room.advance(by: .seconds(dice.number(1...40)))
            }
        }
        room.desk.faults = []
        for user in Self.people { room.mend(user) }
        room.advance(by: .seconds(300))
        check(room, accepted, seed)
    }

    private func check(_ room: Loopback, _ accepted: [ConversationName: [UserID: [String]]], _ seed: UInt64) {
        for place in Self.places {
            let stored = room.desk.messages[place.channel]?.map(\.message) ?? []
            #expect(stored.map(\.seq) == Array(1..<stored.count + 1), "seed \(seed): holes at the desk")
            for user in Self.people where place.includes(user) {
                let mine = stored.filter { $0.from == user }.compactMap(\.text)
                #expect(mine == accepted[place]?[user] ?? [], "seed \(seed): \(user) in \(place)")
                let held = room.chat(user).conversation(place)
                #expect(held.gap == nil, "seed \(seed): a gap stays for \(user) in \(place)")
                #expect(held.outbox.isEmpty, "seed \(seed): unsent of \(user) in \(place)")
                if held.isLoaded {
                    #expect(held.messages.map(\.id) == stored.suffix(held.messages.count).map(\.id), "seed \(seed)")
                }
                let mark = room.desk.seen[place.channel]?[user] ?? 0
                let unseen = stored.count { $0.seq > mark && $0.from != user }
                #expect(held.unseen == unseen, "seed \(seed): unseen of \(user) in \(place)")
            }
        }
        for user in Self.people {
            #expect(room.chat(user).link == .online, "seed \(seed): \(user) is not back")
            #expect(room.chat(user).roster.onlineCount == 3, "seed \(seed): roster of \(user)")
            let announced = room.clients[user]!.heard
            #expect(Set(announced).count == announced.count, "seed \(seed): \(user) was told something twice")
        }
    }
}
