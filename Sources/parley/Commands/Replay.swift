import ArgumentParser
import ChatUI

/// `parley replay`: a record into the core, without a network.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Play a record of parley inspect, and print what it leads to.",
        discussion: """
            The same core takes in the same events at the same times, without a network, and what a listener would have \
            been told is printed as parley tail prints it. A report with a record can so be looked at again, and again \
            after a change.
            """)

    @OptionGroup var output: OutputOptions
    @Argument(help: "What parley inspect --record wrote.")
    var file: String

    func run() throws {
        guard let contents = try SmallFile.read(file, limit: 1 << 30) else {
            throw Failure(.badInput, "\(Text.shown(file)): there is no such file")
        }
        var text = LinearText(zone: .here)
        try SessionReplay(contents.text, name: file).run { (notice, chat) throws(Failure) in
            if output.json {
                if let members = notice.members { try Output.json(members) }
            } else {
                for line in text.lines(for: notice, chat: chat) { try Output.line(line) }
            }
        }
    }
}
