import ArgumentParser
import ChannelsProtocol
import Chat
import Desk

/// `parley import`: transcripts back into a desk's store.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Put exported conversations into a desk of yours.",
        discussion: """
            Takes what parley export --format json wrote, after checking its hashes. Messages keep their ids, numbers \
            and times, so a conversation is taken whole, and only where it is empty on that desk; all of the file or \
            nothing of it. It works on the desk's folder, which only its owner can, whether or not the desk runs; \
            clients see it when they next ask. Everything imported counts as seen.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "A file of the json format.")
    var file: String
    @Option(help: ArgumentHelp("The desk's folder.", valueName: "dir"))
    var data: String?
    @OptionGroup var store: StoreOption

    func run() throws {
        let transcripts = try Export.read(file)
        let settings = try global.settings(store.flags)
        let folder = try settings.deskFolder(data)
        for part in transcripts.parts where part.hasGaps {
            throw Failure(
                .badInput, "\(part.conversation): messages are missing in the transcript; a desk numbers without holes")
        }
        do throws(DeskError) {
            let archive = try Archive(folder: folder, store: settings.store)
            defer { archive.close() }
            try archive.insert(
                transcripts.parts.map { part in
                    (part.conversation, part.messages.map { ArchivedMessage($0, text: $0.text ?? "") })
                })
        } catch {
            throw Failure(error)
        }
        for part in transcripts.parts {
            if output.json {
                try Output.json([
                    ("conversation", .string(part.conversation.channel)), ("messages", .init(part.messages.count)),
                ])
            } else {
                try Output.line("\(part.conversation): \(Text.count(part.messages.count, "message"))")
            }
        }
    }
}
