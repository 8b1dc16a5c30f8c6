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
        Heap.beFrugal()
        let settings = try global.settings()
        let place = try with.map { text throws(Failure) in try Place(argument: text) }
        try ChatLoop.run(
            route: try DeskRoute(settings), settings: settings, with: place,
            isLinear: linear || settings.boolean(.linear))
    }
}
