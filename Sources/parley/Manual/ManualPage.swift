/// The manual's pages in roff, made from the commands, the settings and the exit codes.
struct ManualPage: Sendable {
    let name: String
    let section: Int
    let text: String

    var file: String { "man\(section)/\(name).\(section)" }

    static let all: [ManualPage] = {
        let root = ManualCommand.root
        return [main(root)] + root.subcommands.map(verb) + [settings()]
    }()

    private static func main(_ root: ManualCommand) -> ManualPage {
        var roff = Roff("parley", 1)
        roff.section("NAME")
        roff.text("parley - \(root.sentence.lowercasedFirst)")
        roff.section("SYNOPSIS")
        roff.text("parley [COMMAND] [ARGUMENTS]")
        roff.section("DESCRIPTION")
        roff.text(root.discussion)
        roff.section("COMMANDS")
        for command in root.subcommands {
            roff.item(command.name.split(separator: " ").last.map(String.init) ?? "", command.sentence)
        }
        roff.section("EXIT STATUS")
        for (code, meaning) in Failure.Code.meanings { roff.item(String(code), meaning) }
        roff.section("ENVIRONMENT")
        for key in SettingKey.allCases {
            if let variable = key.variable { roff.item(variable, "Overrides \(key.rawValue) of the settings.") }
        }
        roff.item("PARLEY_CONFIG", "The file of the settings.")
        roff.item("SSL_CERT_FILE", "Authorities in PEM to trust with TLS beside those of the system.")
        roff.item("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME", "Where the folders below are.")
        roff.section("FILES")
        roff.item("~/.config/parley/config.toml", "Settings, see parley-config(5).")
        roff.item("~/.local/share/parley/", "The local desk: messages, lock, socket.")
        roff.item("~/.local/state/parley/", "Drafts, what waits to be sent, tokens, the log.")
        roff.seeAlso(root.subcommands.map { $0.name.replacing(" ", with: "-") + "(1)" } + ["parley-config(5)"])
        return ManualPage(name: "parley", section: 1, text: roff.text)
    }

    private static func verb(_ command: ManualCommand) -> ManualPage {
        let name = command.name.replacing(" ", with: "-")
        var roff = Roff(name, 1)
        roff.section("NAME")
        roff.text("\(name) - \(command.sentence.lowercasedFirst)")
        roff.section("SYNOPSIS")
        for each in command.subcommands.isEmpty ? [command] : command.subcommands { roff.line(each.synopsis) }
        if !command.discussion.isEmpty {
            roff.section("DESCRIPTION")
            roff.text(command.discussion)
        }
        if command.subcommands.isEmpty {
            roff.section("OPTIONS")
            roff.options(command)
        }
        for each in command.subcommands {
            roff.section(each.name.uppercased())
            roff.text(each.sentence)
            roff.text(each.discussion)
            roff.options(each)
        }
        roff.section("EXIT STATUS")
        roff.text("As in parley(1).")
        roff.seeAlso(["parley(1)", "parley-config(5)"])
        return ManualPage(name: name, section: 1, text: roff.text)
    }

    private static func settings() -> ManualPage {
        var roff = Roff("parley-config", 5)
        roff.section("NAME")
        roff.text("parley-config - the settings of parley")
        roff.section("DESCRIPTION")
        roff.text(
            "A TOML file, ~/.config/parley/config.toml unless --config or PARLEY_CONFIG names another. A flag stands above"
                + " an environment variable, that above the file, the file above the default. parley config shows what is in"
                + " force and where each value comes from; parley config --check says whether a file is right.")
        for table in SettingKey.tables {
            roff.section(table.isEmpty ? "TOP" : "[\(table)]")
            for key in SettingKey.allCases where key.table == table {
                let definition = key.definition
                roff.item(
                    "\(key.name) = \(definition.initial.toml)",
                    "\(definition.sentence) Expected: \(definition.kind.expected).")
            }
        }
        roff.section("[accounts.NAME]")
        roff.text(
            "What of url, user, token, token_command and [accounts.NAME.channels] is another for the account of that name, of"
                + " up to 32 letters, digits, _ and -; --account, PARLEY_ACCOUNT or account at the top chooses one, and"
                + " default is what stands at the top. Where it says url or channels, nothing that the top says of these"
                + " counts for it, and nothing that it says of tokens counts for any. Where --account names it, PARLEY_URL,"
                + " PARLEY_USER and PARLEY_TOKEN do not count either.")
        roff.section("[[rooms]]")
        for key in RoomKey.allCases { roff.item(key.rawValue, key.definition.sentence) }
        roff.section("[[apps]]")
        for key in AppKey.allCases { roff.item(key.rawValue, key.definition.sentence) }
        roff.seeAlso(["parley(1)", "parley-serve(1)"])
        return ManualPage(name: "parley-config", section: 5, text: roff.text)
    }
}

extension String {
    fileprivate var lowercasedFirst: String {
        let text = hasSuffix(".") ? String(dropLast()) : self
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// Lines for man(1).
private struct Roff {
    private(set) var text: String

    init(_ name: String, _ section: Int) {
        text = ".TH \"\(name.uppercased())\" \(section) \"\" \"parley \(Version.text)\" \"Parley\"\n"
    }

    mutating func section(_ title: String) { text += ".SH \"\(Self.escaped(title))\"\n" }

    /// A line stays a line, as in the help.
    mutating func text(_ paragraphs: String) {
        for (index, paragraph) in paragraphs.split(separator: "\n\n").enumerated() {
            let lines = paragraph.split(separator: "\n").map { Self.escaped(String($0)) }
            text += (index == 0 ? "" : ".PP\n") + lines.joined(separator: "\n.br\n") + "\n"
        }
    }

    mutating func line(_ line: String) { text += Self.escaped(line) + "\n.br\n" }

    mutating func item(_ name: String, _ sentence: String) {
        text += ".TP\n.B \(Self.escaped(name))\n\(Self.escaped(sentence))\n"
    }

    mutating func options(_ command: ManualCommand) {
        for argument in command.arguments { item(argument.names.joined(separator: ", "), argument.sentence) }
    }

    mutating func seeAlso(_ pages: [String]) {
        section("SEE ALSO")
        text += Self.escaped(pages.joined(separator: ", ")) + "\n"
    }

    /// Hyphens stay hyphens that can be copied, and nothing at the start of a line is a request.
    private static func escaped(_ line: String) -> String {
        let plain = line.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("…", with: "...")
            .replacing("·", with: "\\(bu").replacing("→", with: "\\(->")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}
