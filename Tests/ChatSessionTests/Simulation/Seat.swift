import Chat
import ChatSession

/// One of somebody's terminals: a running client, or the place of one that is not running.
struct Seat: Hashable, Comparable, CustomStringConvertible {
    let user: UserID
    let number: Int

    init(_ user: UserID, _ number: Int = 1) {
        self.user = user
        self.number = number
    }

    static func < (a: Seat, b: Seat) -> Bool { (a.user.text, a.number) < (b.user.text, b.number) }

    var description: String { number == 1 ? user.text : "\(user.text)/\(number)" }
}

/// Which run of a terminal something belongs to: what a dead one asked for is nobody's.
struct Run: Hashable {
    let seat: Seat
    /// Counts the starts of all terminals.
    let number: Int
}

let alice = UserID("alice")!
let bob = UserID("bob")!
let carol = UserID("carol")!
let aliceBob = ConversationName(alice, bob)!
