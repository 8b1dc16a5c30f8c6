/// The table as text, for documents that have to stay true.
extension CommandTable {
    /// The chapters as Markdown tables, with the keys of `keys`.
    package static func markdown(_ keys: KeyMap = .standard) -> String {
        var text = ""
        for (title, commands) in chapters {
            text += "| \(title) | keys |\n|---|---|\n"
            for info in commands {
                let names = keys.names(of: info.command).split(separator: ", ").map { "`\($0)`" }
                text += "| \(info.help) | \(names.joined(separator: " ")) |\n"
            }
            text += "\n"
        }
        text += "| command | does |\n|---|---|\n"
        for command in SlashCommand.all { text += "| `\(command.usage)` | \(command.help) |\n" }
        return text
    }

    /// One line a command: its name, its keys, its sentence, parted by tabs.
    package static func list(_ keys: KeyMap = .standard) -> [String] {
        all.map { "\($0.command.rawValue)\t\(keys.names(of: $0.command))\t\($0.help)" }
    }
}

extension SlashCommand {
    /// `/msg NAME TEXT`.
    package var usage: String { "/\(name.rawValue)" + (arguments.isEmpty ? "" : " \(arguments)") }
}
