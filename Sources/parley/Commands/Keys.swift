import ArgumentParser
import ChannelsProtocol
import ChatUI
import Screen
import Terminal

/// `parley keys`: what every key does, and what the terminal sends for one.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Show the keys in force, or what the terminal sends for a key.",
        discussion: "The names in the first column are those of the [keys] table of the configuration.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Show each key you press: its name, its bytes and what it does. Ctrl-C twice ends it.")
    var read = false

    func run() throws {
        let settings = try global.settings()
        if read { return try readKeys(settings) }
        let width = CommandTable.all.map(\.command.rawValue.count).max() ?? 0
        let keyWidth = CommandTable.all.map { settings.keys.names(of: $0.command).count }.filter { $0 < 40 }.max() ?? 0
        for info in CommandTable.all {
            let name = info.command.rawValue
            let keys = settings.keys.allNames(of: info.command)
            guard !output.json else {
                try Output.json([
                    ("command", .string(name)), ("place", .string(info.place.rawValue)),
                    ("keys", .array(keys.map { .string($0) })), ("help", .string(info.help)),
                    ("source", .string(settings.keyLines[name].map { "\(settings.path), line \($0)" } ?? "default")),
                ])
                continue
            }
            let names = settings.keys.names(of: info.command)
            try Output.line(Self.padded(name, width) + "  " + Self.padded(names, keyWidth) + "  " + info.help)
        }
    }

    private func readKeys(_ settings: Settings) throws {
        let reader: KeyReader
        do throws(TerminalError) {
            reader = try KeyReader(settings.terminalOptions.decoder)
        } catch {
            throw Failure(.usage, error.description)
        }
        defer { reader.leave() }
        Output.note("Press a key to see its name, its bytes and what it does; Ctrl-C twice ends this.")
        var last: Key?
        while let press = reader.next() {
            let does = press.key.map { commands(of: $0, settings) } ?? []
            let bytes = press.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            let name = press.key?.name ?? "(nothing this program understands)"
            if output.json {
                try Output.json([
                    ("key", press.key.map { .string($0.name) } ?? .null), ("bytes", .string(bytes)),
                    ("commands", .array(does.map { .string($0) })),
                ])
            } else {
                try Output.line(
                    Self.padded(Text.shown(name), 16) + "  " + Self.padded(bytes, 24)
                        + (does.isEmpty ? "" : "  " + does.joined(separator: ", ")))
            }
            if press.key == "Ctrl-C", last == "Ctrl-C" { return }
            last = press.key
        }
    }

    private func commands(of key: Key, _ settings: Settings) -> [String] {
        var commands: [String] = []
        for place in CommandPlace.allCases {
            if let command = settings.keys.command(for: [key], in: place)?.rawValue, !commands.contains(command) {
                commands.append(command)
            }
        }
        return commands
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
