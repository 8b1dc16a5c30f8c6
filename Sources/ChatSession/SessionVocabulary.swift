package import Chat
import ChannelsClient

/// What happened to a session. Answers carry the number of what was asked.
package enum SessionEvent: Equatable, Sendable {
    /// The user is known before the desk says so: the local desk's, or the one this machine had there the last time.
    case started(as: UserID?)
    case restored(SavedState)
    /// Nothing can be kept on this machine; the chat goes on, and says so.
    case notRestored(reason: String)
    case saved([StoreWrite])
    case notSaved([StoreWrite], reason: String)
    case socketOpened(attempt: Int)
    case socketText(attempt: Int, String)
    /// A WebSocket ping or pong came: a sign of life.
    case socketActive(attempt: Int)
    /// `code` is nil where the connection ended without a close frame.
    case socketClosed(attempt: Int, code: UInt16?, reason: String)
    /// The connection was refused as a WebSocket, with an HTTP status or by silence.
    case socketRefused(attempt: Int, status: Int?, reason: String)
    /// `retryAfter` is what the answer's header of that name says.
    case answered(request: Int, status: Int, retryAfter: Duration?, body: String)
    case unanswered(request: Int, reason: String)
    case command(ChatCommand)
    case reconnectNow
    /// The machine slept, or this process was stopped: what seemed alive may not be.
    case woke
    /// The process that hosts the local desk was found stopped, or running again (nil).
    case hostStopped(pid: Int32?)
    /// Another program of this account wants to live off this session's connection. Lines have numbers of their own,
    /// which are never used again.
    case lineOpened(Int)
    case lineText(Int, String)
    case lineClosed(Int)
    case stopping
}

/// What a session wants done. The shell does it and says how it went as a `SessionEvent`; it decides nothing.
package enum SessionEffect: Equatable, Sendable {
    /// Open the store of this account and answer `restored` or `notRestored`. Writes that come before wait for it.
    case openStore(UserID)
    case save([StoreWrite])
    case openSocket(attempt: Int, Identity)
    /// On the socket opened last.
    case sendText(String)
    case closeSocket(attempt: Int, code: UInt16)
    case request(Int, DeskRequest)
    case notice(ChatNotice)
    /// To another program of this account; see `Relay`.
    case sendLine(Int, String)
    case endLine(Int, LineEnd)
    /// A line for the log: something from outside was not understood, and was survived.
    case log(String)
}

/// What differs between a desk on this machine and one elsewhere.
package struct SessionSettings: Equatable, Sendable {
    /// First and longest wait between two attempts to connect.
    package var backoffBase: Duration
    package var backoffCap: Duration
    /// Whether to join the presence channel, so that others see this user.
    package var joinsLobby: Bool
    package var sendsTyping: Bool
    /// Whether every message missed meanwhile is fetched, however many: for those who cannot page back.
    package var missesNothing: Bool
    /// Whether the open conversation is kept for the next run, and restored from the last.
    package var keepsOpen = true
    /// Whose the token must be; nil where anybody is right.
    package var expectedUser: UserID?
    /// An application without a desk; nil where there is one.
    package var plain: PlainSettings?

    package init(
        backoffBase: Duration = .seconds(1), backoffCap: Duration = .seconds(30), joinsLobby: Bool = true,
        sendsTyping: Bool = true, missesNothing: Bool = false, expectedUser: UserID? = nil
    ) {
        self.expectedUser = expectedUser
        self.missesNothing = missesNothing
        self.backoffBase = backoffBase
        self.backoffCap = backoffCap
        self.joinsLobby = joinsLobby
        self.sendsTyping = sendsTyping
    }

    /// The connection's share of them.
    var timing: ConnectionSettings {
        var timing = ConnectionSettings()
        timing.backoffBase = backoffBase
        timing.backoffCap = backoffCap
        timing.spread = min(timing.spread, backoffBase)
        return timing
    }
}
