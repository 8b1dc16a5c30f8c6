import Chat
import ChatSession

/// What happens in one simulated world, all of it decided by the seed: people talk on four terminals while lines break,
/// stall, swallow and let no WebSocket through, machines sleep, processes are killed, disks fill up and tokens run out.
struct Story {
    let seed: UInt64
    var world: World
    private var dice: Dice
    private var words = 0
    private let longBurst: Int
    /// Whether every step is printed.
    var isTold = false
    /// The text of each message that was typed, in the order in which one run of a terminal took them. What a dead one left
    /// another terminal may send, and no order is promised between two of them.
    private(set) var typed: [Typed: [String]] = [:]
    /// Retried ones go out when they are retried: no order is promised for them.
    private(set) var retried: Set<String> = []
    private(set) var discarded: Set<String> = []
    /// What was kept by runs that have ended.
    private var keptBefore: [String: (conversation: ConversationName, text: String)] = [:]

    struct Typed: Hashable {
        let run: Run
        let conversation: ConversationName
    }

    static let seats = [Seat(alice), Seat(alice, 2), Seat(bob), Seat(carol)]
    static let places =
        [
            ConversationName(alice, bob)!, ConversationName(alice, carol)!, ConversationName(bob, carol)!, .lobby,
            support,
        ]
    private static let support = ConversationName.room("presence-support")

    init(seed: UInt64) {
        self.seed = seed
        dice = Dice(seed: seed)
        world = World(dice: Dice(seed: seed &+ 1_000_003))
        world.desk.rooms = [ChatRoom("support", Self.support)]
        // More than a page in some, which takes its time.
        longBurst = dice.happens(5) ? 130 : dice.pick([3, 10])
        // A third of the worlds is instant, so that a found fault is easy to read.
        if !dice.happens(33) {
            let slow = dice.pick([20, 300, 2_500])
            world.weather.delay = 1...slow
            world.weather.disk = 0...dice.pick([5, 200])
            world.weather.doubled = dice.pick([0, 10])
            world.weather.lost = dice.pick([0, 3])
            world.weather.unanswered = dice.pick([0, 3])
        }
        for seat in Self.seats { world.start(seat, isKnown: dice.happens(50)) }
    }

    /// Everything every terminal ever took on.
    var kept: [String: (conversation: ConversationName, text: String)] {
        world.clients.values.reduce(into: keptBefore) { $0.merge($1.witness.kept) { mine, _ in mine } }
    }

    mutating func run(steps: Int = 50) {
        world.isTold = isTold
        for _ in 0..<steps { step() }
        settle()
    }

    private mutating func step() {
        let seat = dice.pick(Self.seats)
        let place = dice.pick(Self.places.filter { $0.includes(seat.user) })
        let number = dice.number(0...31)
        if isTold { print(world.now.uptime, number, seat, place, world.violations.count) }
        switch number {
        case 0...8: say(seat, place)
        case 9: for _ in 0..<longBurst { say(seat, place) }
        case 10, 11: world.want(seat, .open(dice.pick([place, nil])))
        case 12, 13:
            let last = world.clients[seat]?.session.chat.conversation(place).heldThrough ?? 0
            if last > 0 { world.want(seat, .markSeen(place, through: dice.number(1...last))) }
        case 14: world.want(seat, .typing(place, dice.happens(60)))
        case 15:
            let room = dice.pick([ConversationName.lobby, Self.support])
            world.want(seat, dice.pick([.close(place), .loadOlder(place), .leave(room), .enter(room)]))
        case 16: world.cut(seat)
        case 17: world.halfOpen(seat)
        case 18: world.stall(seat, for: dice.milliseconds(100...40_000))
        case 19: world.mend(seat)
        case 20: restart(seat)
        case 21: breakDesk()
        case 22: fillDisk(of: seat.user)
        case 23: world.sleep(seat, for: dice.milliseconds(1_000...600_000))
        case 24: world.now.date.milliseconds += Int64(dice.number(-7_200_000...7_200_000))
        case 25: expire(seat)
        case 26: settleFailed(seat)
        case 27, 28: world.advance(by: dice.milliseconds(1...400))
        case 29, 30: world.refuse(seat, with: dice.pick([403, 502, 0]))
        default: world.advance(by: dice.milliseconds(1_000...40_000))
        }
    }

    private mutating func say(_ seat: Seat, _ place: ConversationName) {
        guard let run = world.clients[seat]?.run, world[seat].session.chat.me != nil else { return }
        words += 1
        let text = "m\(words)"
        typed[Typed(run: run, conversation: place), default: []].append(text)
        world.want(seat, .send(place, text: text, clientID: ""))
    }

    private mutating func restart(_ seat: Seat) {
        if let client = world.clients[seat] { keptBefore.merge(client.witness.kept) { mine, _ in mine } }
        if dice.happens(30) { world.kill(seat) } else { world.start(seat, isKnown: dice.happens(70)) }
    }

    private mutating func breakDesk() {
        switch dice.number(0...4) {
        case 0: world.stopDesk(for: dice.milliseconds(0...20_000))
        case 1: world.desk.crashesOnSend = dice.milliseconds(0...20_000)
        case 2: world.desk.isFull.toggle()
        default:
            let path = dice.pick([
                "/messages", "/seen", "/api/conversations", "/api/changes", "/pusher/auth", "/api/me", "/api/users",
            ])
            world.desk.faults = [(path, dice.pick([500, 503, 429]), 3)]
        }
    }

    private mutating func fillDisk(of user: UserID) { world.disks[user, default: AccountDisk()].isFull.toggle() }

    /// The token is no longer good; somebody signs in again, at once or much later.
    private mutating func expire(_ seat: Seat) {
        let new = world.desk.newToken(seat.user)
        if dice.happens(50) { world.advance(by: dice.milliseconds(1...60_000)) }
        world.credentials[seat.user] = new
        for other in Self.seats where other.user == seat.user { world.post(other, .reconnectNow) }
    }

    private mutating func settleFailed(_ seat: Seat) {
        guard let chat = world.clients[seat]?.session.chat else { return }
        for name in chat.conversations.keys.sorted(by: { $0.channel < $1.channel }) {
            for message in chat.conversation(name).outbox {
                guard case .failed = message.state else { continue }
                if dice.happens(70) {
                    retried.insert(message.text)
                    world.want(seat, .retry(clientID: message.clientID))
                } else {
                    discarded.insert(message.text)
                    world.want(seat, .discard(clientID: message.clientID))
                }
            }
        }
    }

    /// Everything works again, for long enough that all of it must have come to rest.
    private mutating func settle() {
        world.desk.faults = []
        world.desk.isFull = false
        world.desk.crashesOnSend = nil
        world.weather.lost = 0
        world.weather.unanswered = 0
        for user in [alice, bob, carol] { world.disks[user]?.isFull = false }
        for seat in Self.seats {
            world.mend(seat)
            if world.clients[seat] == nil { world.start(seat) }
        }
        world.advance(by: .seconds(60))
        for seat in Self.seats {
            settleFailed(seat)
            for room in [ConversationName.lobby, Self.support] { world.want(seat, .enter(room)) }
            if case .refused = world.clients[seat]?.session.chat.link { world.post(seat, .reconnectNow) }
        }
        world.advance(by: .seconds(400))
    }
}
