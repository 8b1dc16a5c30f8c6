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
            and times, so a conversation is taken whole, and only where it is empty on that desk; where one of the file is \
            not, nothing is taken. A conversation that was imported before is left as it is, so an import that was \
            interrupted goes on with the same command. It works on the desk's folder, which only its owner can, whether \
            or not the desk runs; clients see it when they next ask. Everything imported counts as seen.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "A file of the json format.")
    var file: String
    @Option(help: ArgumentHelp("The desk's folder.", valueName: "dir"))
    var data: String?
    @OptionGroup var store: StoreOption

    func run() throws {
        Interruption.watch()
        let transcripts = try Export.read(file)
        let settings = try global.settings(store.flags)
        let folder = try settings.deskFolder(data)
        for part in transcripts.parts where part.hasGaps {
            throw Failure(
                .badInput, "\(part.conversation): messages are missing in the transcript; a desk numbers without holes")
        }
        let parts = transcripts.parts.map { part in
            (part.conversation, part.messages.map { ArchivedMessage($0, text: $0.text ?? "") })
        }
        do {
            let archive = try Archive(folder: folder, store: settings.store)
            defer { archive.close() }
            try archive.check(parts)
            try fill(archive, parts)
        } catch let error as DeskError {
            throw Failure(error)
        }
    }

    private func fill(_ archive: Archive, _ parts: [Archive.Part]) throws {
        let total = parts.reduce(0) { $0 + $1.messages.count }
        let progress = Progress("importing")
        defer { progress.end() }
        var before = 0
        for (index, part) in parts.enumerated() {
            let outcome = try archive.insert(part) { [before] count in
                progress.note(before + count, of: total)
                return !Interruption.hasCome
            }
            if outcome == .stopped {
                progress.end()
                Output.note(
                    "parley: interrupted; \(index) of \(Text.count(parts.count, "conversation")) are on the desk, and the "
                        + "same command goes on with the others")
                return try Interruption.check()
            }
            before += part.messages.count
            progress.end()
            try tell(part, isPresent: outcome == .present)
        }
    }

    private func tell(_ part: Archive.Part, isPresent: Bool) throws(Failure) {
        let count = part.messages.count
        if output.json {
            return try Output.json([
                ("conversation", .string(part.conversation.channel)), ("messages", JSON(count)),
            ])
        }
        let how = isPresent ? ", imported before" : ""
        try Output.line("\(part.conversation): \(Text.count(count, "message"))\(how)")
    }
}
