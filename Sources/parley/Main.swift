// The front door: arguments, settings, and what each command does with them. The full screen and everything that runs
// until stopped is in `Loop`; a verb is one file in `Commands`. A setting is added in `Settings/SettingKey.swift`.
// Nothing here knows the wire or draws; it puts the rooms together and turns what goes wrong into one line and an exit code.
import ArgumentParser
import Glibc

// Every command says its name itself: the parser would ask the runtime for the type's name otherwise, which looks through
// all conformances of the program and costs more than everything else at the start.
@main struct Parley: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley",
        abstract: "Chat in the terminal.",
        discussion: "Without a command: the full screen, at the local desk unless a URL is set.",
        version: "parley \(Version.text)",
        subcommands: [
            ChatCommandLine.self, Send.self, Ask.self, Who.self, Tail.self, On.self, History.self, Seen.self,
            Status.self, Export.self, Import.self, DoctorCommand.self, Inspect.self, Replay.self, BenchCommand.self,
            Schema.self, Manual.self, Serve.self, User.self, BackupCommand.self, Sessions.self, Login.self, Config.self,
            Keys.self,
        ],
        defaultSubcommand: ChatCommandLine.self)

    static func main() {
        // A reader that went away is an error value, not a death.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            // Where there is nothing to parse the parser would cost as much as the first picture.
            guard !arguments.isEmpty else { return try ChatCommandLine.run(Settings.load(environment: .current())) }
            var command = try command(for: arguments)
            try command.run()
        } catch let failure as Failure {
            fail(failure)
        } catch {
            // Help, the version and completion scripts are no failures, but come as errors.
            guard let failure = swallowedText(arguments) ?? usage(error, arguments: arguments) else {
                exit(withError: error)
            }
            fail(failure)
        }
    }

    static func command(for arguments: [String]) throws -> any ParsableCommand {
        let arguments = ordered(arguments)
        return try alone(arguments) ?? parseAsRoot(arguments)
    }

    /// The command that these arguments call, read without the tree of all commands: to build that is much of a start.
    /// Nil for help, the version, mistakes and commands that have commands of their own: they need the whole tree.
    static func alone(_ arguments: [String]) -> (any ParsableCommand)? {
        guard let first = arguments.first else { return try? ChatCommandLine.parse(arguments) }
        for command in configuration.subcommands where command.configuration.commandName == first {
            guard command.configuration.subcommands.isEmpty else { return nil }
            return try? command.parse(Array(arguments.dropFirst()))
        }
        return first.hasPrefix("-") ? try? ChatCommandLine.parse(arguments) : nil
    }

    /// ArgumentParser's words on one line, in our manners, with the help that is about them; nil for what is no mistake.
    static func usage(_ error: any Error, arguments: [String]) -> Failure? {
        guard exitCode(for: error).rawValue == Failure.Code.usage.rawValue else { return nil }
        let line = message(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
        let words = line.prefix(1).lowercased() + (line.hasSuffix(".") ? line.dropLast() : line[...]).dropFirst()
        let names = commandNames
        let command = arguments.first { names.contains($0) }.map { " " + $0 } ?? ""
        let dashes = textCommands.contains(command) && words.hasPrefix("unknown option") ? "; \(dashAdvice)" : ""
        return Failure(.usage, "\(words)\(dashes); see parley\(command) --help")
    }

    private static let textCommands = [" send", " ask"]
    private static let dashAdvice = "put -- before a text that begins with -"

    /// What a script meant as text must not end in a page of help and exit code 0: nil where `-h` and the like stand before
    /// the text.
    static func swallowedText(_ arguments: [String]) -> Failure? {
        let arguments = ordered(arguments)
        guard let name = arguments.first, textCommands.contains(" " + name) else { return nil }
        let helps = ["-h", "--help", "-help", "--help-hidden", "--version"]
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        guard let index = arguments[..<end].firstIndex(where: { helps.contains($0) || $0.hasPrefix("--generate-") })
        else { return nil }
        // With a word in the place of the option this is a whole command.
        let words = Array(arguments[1..<index]) + ["x"]
        let text = name == "send" ? (try? Send.parse(words))?.text : (try? Ask.parse(words))?.text
        guard text?.isEmpty == false else { return nil }
        let option = Text.shown(arguments[index])
        return Failure(
            .usage,
            "nothing was sent: \(option) after the recipient may be text or an option; \(dashAdvice), or see"
                + " parley \(name) --help")
    }

    static var commandNames: [String] {
        var names: [String] = []
        for command in configuration.subcommands { names.append(command.configuration.commandName ?? "") }
        return names
    }

    /// `--as bob who` as `who --as bob`: options that stand before a command belong to it.
    static func ordered(_ arguments: [String]) -> [String] {
        let valued = ["--config", "--account", "--as", "--url", "--log-level"]
        var count = 0
        while count < arguments.count,
            let name = arguments[count].unicodeScalars.split(separator: "=").first.map(String.init),
            valued.contains(name) || name == "--insecure"
        {
            count += arguments[count].utf8.contains(UInt8(ascii: "=")) || name == "--insecure" ? 1 : 2
        }
        guard count > 0, count < arguments.count, commandNames.contains(arguments[count]) else { return arguments }
        return [arguments[count]] + arguments[..<count] + arguments[(count + 1)...]
    }

    private static func fail(_ failure: Failure) -> Never {
        if !failure.sentence.isEmpty { Output.note("parley: " + Text.shown(failure.sentence)) }
        Glibc.exit(failure.code.rawValue)
    }
}
