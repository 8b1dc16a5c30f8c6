import Hummingbird
import Logging
import Synchronization

/// Which way a caller came in.
enum Door: Equatable, Sendable {
    case tcp
    /// The socket in the desk's folder: whoever reaches it is the folder's owner.
    case local
}

/// What a route knows of the connection it answers on.
struct DeskContext: RequestContext {
    struct Source: RequestContextSource {
        let logger: Logger
        let door: Door
        let caller: CallerAddress
        let refusals: RefusalLog
        let user: CallUser
    }

    var coreContext: CoreRequestContextStorage
    let door: Door
    let caller: CallerAddress
    let refusals: RefusalLog
    let user: CallUser

    init(source: Source) {
        coreContext = .init(source: source)
        door = source.door
        caller = source.caller
        refusals = source.refusals
        user = source.user
    }
}

/// Who makes a call, for what happens after its route has answered: nil until the token was checked.
final class CallUser: Sendable {
    private let known = Mutex<Int64?>(nil)

    /// The key of the account.
    var key: Int64? {
        get { known.withLock { $0 } }
        set { known.withLock { $0 = newValue } }
    }
}
