import Chat
import ChatSession

/// Hears everything that goes into a session and comes out of it, with the time it was given.
struct SessionTap {
    /// Before anything happened.
    var began: (_ settings: SessionSettings, _ seed: (UInt64, UInt64)) -> Void = { _, _ in }
    var event: (SessionEvent, Moment) -> Void = { _, _ in }
    var tick: (Moment) -> Void = { _ in }
    var effects: ([SessionEffect], Moment) -> Void = { _, _ in }
}
