import Hummingbird
import Logging

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
    }

    var coreContext: CoreRequestContextStorage
    let door: Door
    let caller: CallerAddress
    let refusals: RefusalLog

    init(source: Source) {
        coreContext = .init(source: source)
        door = source.door
        caller = source.caller
        refusals = source.refusals
    }
}
