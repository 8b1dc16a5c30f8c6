import Logging

/// The way to a desk as one run of the program takes it: where it is, as whom, and the door to a local one.
struct DeskRoute: Sendable {
    let target: Target
    /// The desk on this machine, as a guest or as its host; nil for one elsewhere.
    let desk: LocalDeskDoor?
    let log: Logger

    init(_ settings: Settings) throws(Failure) {
        target = try Target(settings)
        log = ProgramLog.logger(settings)
        desk = target.door()
    }
}
