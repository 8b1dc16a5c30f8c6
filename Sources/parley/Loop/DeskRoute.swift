import Chat
import Logging

/// The way to a desk as one run of the program takes it: where it is, as whom, and the door to a local one.
struct DeskRoute: Sendable {
    let target: Target
    /// The desk on this machine, as a guest or as its host; nil for one elsewhere.
    let desk: LocalDeskDoor?
    let log: Logger
    let stateFolder: String

    init(_ settings: Settings) throws(Failure) {
        target = try Target(settings)
        log = ProgramLog.logger(settings)
        desk = target.localFolder.map { LocalDeskDoor(folder: $0) }
        stateFolder = try settings.environment.stateFolder
    }

    /// Who the local desk will say we are; nil where the token decides.
    var user: UserID? {
        guard case .localDesk(_, let user) = target.place else { return nil }
        return user
    }

    /// The file of this account's outbox and drafts.
    func storePath(of user: UserID) -> String {
        AccountPath.path(stateFolder: stateFolder, desk: target.key, user: user)
    }
}
