import ArgumentParser
import ChatSession
import Terminal

/// `parley`, `parley chat`: the full screen, or line by line.
struct ChatCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "Chat (this is what parley alone does).")

    @OptionGroup var global: GlobalOptions
    @Option(
        help: ArgumentHelp("Open the conversation with this user, or this room, such as #lobby.", valueName: "peer"))
    var with: String?
    @Flag(help: "Line by line, without moving the cursor: for screen readers, logs and pipes.")
    var linear = false

    func run() throws {
        let place = try with.map { text throws(Failure) in try Place(argument: text) }
        try Self.run(try global.settings(), with: place, linear: linear)
    }

    /// - Parameter linear: line by line even where the settings do not say so.
    static func run(_ settings: Settings, with place: Place? = nil, linear: Bool = false) throws {
        Heap.beFrugal()
        try ChatLoop.run(try ChatRun(settings), with: place, isLinear: linear || settings.boolean(.linear))
    }
}
