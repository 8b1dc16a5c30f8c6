// The front door: arguments, settings, and what each command does with them. The full screen and everything that runs
// until stopped is in `Loop`; a verb is one file in `Commands`. A setting is added in `Settings/SettingKey.swift`.
// Nothing here knows the wire or draws; it puts the rooms together and turns what goes wrong into one line and an exit code.
import ArgumentParser
import Glibc

@main struct Parley: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley",
        abstract: "Chat in the terminal.",
        discussion: "Without a command: the full screen, at the local desk unless a URL is set.",
        version: "parley \(Version.text)",
        subcommands: [
            ChatCommandLine.self, Send.self, Who.self, Tail.self, History.self, Seen.self, Serve.self, User.self,
            Login.self,
            Config.self,
        ],
        defaultSubcommand: ChatCommandLine.self)

    static func main() {
        // A reader that went away is an error value, not a death.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            fail(failure)
        } catch {
            let code = exitCode(for: error)
            // Help, the version and completion scripts; and a code without words.
            guard code.rawValue == Failure.Code.usage.rawValue else { exit(withError: error) }
            fail(usage(message(for: error), arguments: CommandLine.arguments.dropFirst()))
        }
    }

    /// ArgumentParser's words on one line, in our manners, with the help that is about them.
    static func usage(_ message: String, arguments: some Sequence<String>) -> Failure {
        let line = message.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
        // An option's name begins with a dash and stays as it is.
        let words = line.prefix(1).lowercased() + line.dropFirst()
        let names = configuration.subcommands.compactMap { $0.configuration.commandName ?? "\($0)".lowercased() }
        let command = arguments.first { names.contains($0) }.map { " " + $0 } ?? ""
        return Failure(
            .usage, (words.hasSuffix(".") ? String(words.dropLast()) : words) + "; see parley\(command) --help")
    }

    private static func fail(_ failure: Failure) -> Never {
        if !failure.sentence.isEmpty { Output.note("parley: " + Text.shown(failure.sentence)) }
        Glibc.exit(failure.code.rawValue)
    }
}
