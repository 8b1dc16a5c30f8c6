import ArgumentParser
import Chat
import ChannelsProtocol
import Desk

/// `parley backup`: a copy of a desk, also while it runs.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a desk into one file, also while it runs.",
        discussion: "To restore: end the desk, put the file in the place of desk.sqlite in its folder, remove"
            + " desk.sqlite-wal and desk.sqlite-shm there, and start it again.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The file to make; one that is there is not overwritten.", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("The desk's folder.", valueName: "dir"))
    var data: String?

    func run() throws {
        guard !file.isEmpty else { throw Failure(.usage, "FILE is empty; expected the name of the file to make") }
        let settings = try global.settings()
        if let store = settings.store, data == nil {
            throw Failure(
                .configuration, "\(store.shown): is PostgreSQL's; pg_dump makes a copy of it, also while the desk runs")
        }
        let folder = try settings.deskFolder(data)
        Interruption.watch()
        guard let backup = try copy(folder) else { return try Interruption.check() }
        if output.json {
            try Output.json([
                ("file", .string(file)), ("messages", JSON(backup.messages)), ("bytes", JSON(backup.bytes)),
            ])
        } else {
            try Output.line(
                "\(Text.shown(file)): \(Text.count(backup.messages, "message")), \(backup.bytes) bytes")
        }
    }

    private func copy(_ folder: String) throws(Failure) -> Backup? {
        let progress = Progress("copying pages")
        defer { progress.end() }
        do throws(DeskError) {
            return try Backup.make(folder: folder, to: file) { count, total in
                progress.note(count, of: total)
                return !Interruption.hasCome
            }
        } catch {
            throw Failure(error)
        }
    }
}
