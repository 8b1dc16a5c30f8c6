import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession
import Glibc
import Transport

/// `parley login`: asks for the token, tries it, keeps it.
struct Login: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Keep the token for a desk.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The desk's address, such as https://desk.example.org; the account's own unless given.")
    var address: String?

    func run() throws {
        let settings = try global.settings()
        let url = try url(settings)
        guard Cleartext.mayTravel(to: url.address, settings) else { throw Failure(.usage, Cleartext.refusal(of: url)) }
        let stateFolder = try settings.environment.stateFolder
        let token = try Self.readToken(for: url)
        let me = try check(Target(url, token: token, stateFolder: stateFolder))
        try Credentials(stateFolder: stateFolder).keep(token, for: url, Self.name(url, settings))
        if output.json {
            try Output.json([
                ("id", .string(me.id.text)), ("name", .string(me.name)), ("url", .string(url.description)),
            ])
        } else {
            try Output.line("signed in as \(me.id) at \(url)")
        }
        Output.note(try Self.openedNext(url, settings))
    }

    /// Lets `parley` open the desk where nothing else says which, and says what opens it.
    private static func openedNext(_ url: DeskURL, _ settings: Settings) throws(Failure) -> String {
        let own = try settings.text(.url).map { text throws(Failure) in try DeskURL(text) }
        if own == url {
            guard let account = settings.account, case .flag = settings.source(.account) else {
                return "parley opens it"
            }
            return "parley --account \(account) opens it"
        }
        if own == nil, !settings.hasFile, (try? SmallFile.create("url = \"\(url)\"\n", at: settings.path)) != nil {
            return "parley opens it from now on: url in \(Text.shown(settings.path)) says so"
        }
        let other = own.map { "\($0) (\(settings.source(.url)))" } ?? "the local desk"
        return Text.shown(
            "parley opens \(other); parley --url \(url) opens this desk, and so does parley where \(settings.path) says"
                + " url = \"\(url)\"")
    }

    /// The address given, which is that of the account where one is named.
    private func url(_ settings: Settings) throws(Failure) -> DeskURL {
        let own = try settings.text(.url).map { text throws(Failure) in try DeskURL(text) }
        guard let address else {
            if let own { return own }
            throw Failure(.usage, "URL is missing; expected one such as https://desk.example.org")
        }
        let url = try DeskURL(address)
        if let account = settings.account, case .flag = settings.source(.account), url != own {
            let there = own.map { "at \($0)" } ?? "nowhere"
            throw Failure(
                .usage,
                "\(url): account \(account) is \(there); set accounts.\(account).url, or leave --account out")
        }
        return url
    }

    /// Beside the URL of an account stands the account's name, as where the token is looked for.
    private static func name(_ url: DeskURL, _ settings: Settings) -> String? {
        settings.text(.url).flatMap { try? DeskURL($0) } == url ? settings.tokenName : nil
    }

    private func check(_ target: Target) throws(Failure) -> Identity {
        let client = DeskClient(target: target, timeout: .seconds(10))
        defer { client.close() }
        return try client.identity()
    }

    /// One line, not echoed where a person types it.
    private static func readToken(for url: DeskURL) throws(Failure) -> String {
        var mode = termios()
        let isTerminal = tcgetattr(0, &mode) == 0
        if isTerminal {
            Output.prompt("token for \(url): ")
            var quiet = mode
            // Signals too: Ctrl-C must not leave a terminal without an echo.
            quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
            tcsetattr(0, TCSAFLUSH, &quiet)
        }
        defer {
            if isTerminal {
                tcsetattr(0, TCSAFLUSH, &mode)
                Output.prompt("\n")
            }
        }
        var bytes: [UInt8] = []
        // One at a time: what comes after the line is somebody else's to read.
        var byte: [UInt8] = [0]
        while bytes.count < 4096, try StandardInput.read(&byte) == 1, byte[0] != UInt8(ascii: "\n"),
            byte[0] != UInt8(ascii: "\r")
        {
            switch byte[0] {
            case 3 where isTerminal: throw Failure(.usage, "given up; nothing was kept")
            case 4 where isTerminal: throw Failure(.badInput, "stdin: there is no token; nothing was kept")
            case 8 where isTerminal, 0x7F where isTerminal: _ = bytes.popLast()
            default: bytes.append(byte[0])
            }
        }
        while bytes.last == 0x20 { bytes.removeLast() }
        guard !bytes.isEmpty else {
            throw Failure(.badInput, "stdin: there is no token; paste it, or pipe it in as one line")
        }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure(.badInput, "stdin: that is no token; it has blanks or characters no token has")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
