import ArgumentParser
import ChatSession

/// `parley tail`: live events until stopped.
struct Tail: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print what happens, until stopped.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "Only the conversation with this user, or this room, such as #lobby.")
    var peer: String?
    @Option(help: ArgumentHelp("Begin with the stored messages after this number; needs PEER.", valueName: "seq"))
    var since: Int?
    @Option(help: ArgumentHelp("End after this many messages.", valueName: "n"))
    var count: Int?
    @Option(help: ArgumentHelp("End after this time, such as 30s.", valueName: "time"))
    var timeout: TimeSpan?
    @Flag(help: "Be in the roster meanwhile.")
    var present = false
    @OptionGroup var exec: ExecOptions

    func run() throws {
        let options = try options()
        let settings = try global.settings()
        try TailLoop.run(route: try DeskRoute(settings), settings: settings, options: options)
    }

    func options() throws(Failure) -> TailOptions {
        if let since {
            guard peer != nil else {
                throw Failure(.usage, "--since needs PEER: every conversation counts its own messages")
            }
            guard since >= 0 else {
                throw Failure(.usage, "--since is \(since); expected a message's number, or 0 for all")
            }
        }
        if let count, count < 1 { throw Failure(.usage, "--count is \(count); expected 1 or more") }
        return TailOptions(
            place: try peer.map { text throws(Failure) in try Place(argument: text) }, since: since, count: count,
            timeout: timeout?.duration, isPresent: present, isJSON: output.json, command: exec.exec,
            jobs: try exec.checkedJobs())
    }
}

/// What `parley tail` was asked for.
struct TailOptions: Equatable, Sendable {
    /// Nil is everything.
    var place: Place?
    /// The stored messages after this one come first. Never without `place`.
    var since: Int?
    /// At least 1.
    var count: Int?
    var timeout: Duration?
    /// Whether to join the presence channel.
    var isPresent: Bool
    var isJSON: Bool
    /// What is run for each event instead of printing it.
    var command: String?
    /// How many of them at once.
    var jobs = 1
}
