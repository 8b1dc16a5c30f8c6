import ChannelsProtocol
import Chat
import ChatSession
import ChatUI
import Foundation
import Testing

@testable import parley

/// What README.md says is what the program does.
@Suite("README.md", .serialized)
struct DocsTests {
    @Test("has every key of the command table")
    func keys() throws {
        try Document.expect(between: "<!-- keys -->", and: "<!-- end of keys -->", is: Self.keyTable())
    }

    @Test("has every command that can be typed")
    func slashCommands() throws {
        try Document.expect(
            between: "<!-- slash commands -->", and: "<!-- end of slash commands -->", is: Self.slashTable())
    }

    @Test("has two commands, each one line that works as root and with sudo")
    func twoCommands() throws {
        let start = try Document.block(below: "<!-- command: start -->")
        let test = try Document.block(below: "<!-- command: test -->")
        for command in [start, test] {
            #expect(!command.contains("\n"))
            #expect(command.hasPrefix("$(command -v sudo) apt-get update && $(command -v sudo) apt-get install -y "))
            let packages = command.components(separatedBy: " install -y ").last?.components(separatedBy: " && ").first
            // What is linked: ncurses, libsodium, SQLite, zlib; and libpq, whose header is compiled against.
            for library in ["libncurses-dev", "libsodium-dev", "libsqlite3-dev", "libpq-dev", "zlib1g-dev"] {
                #expect(packages?.contains(library) == true)
            }
        }
        #expect(
            start.hasSuffix(
                " && swift build -c release --static-swift-stdlib --product parley && .build/release/parley"))
        #expect(test.hasSuffix(" && swift test"))
        let ci = try Repository.text(".ci/run")
        #expect(ci.contains("<!-- command: test -->") && ci.contains("README.md"))
    }

    @Test("shows the library's example as it is compiled and run")
    func example() throws {
        let source = try Repository.text("Tests/ChannelsTests/Example.swift")
        let body = source.components(separatedBy: "// example begins\n")[1].components(
            separatedBy: "    // example ends")[0]
        let lines = body.components(separatedBy: "\n").map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
        let expected = "import Channels\n\n" + lines.joined(separator: "\n")
        let shown = try Document.block(below: "<!-- example -->")
        #expect(shown.trimmingCharacters(in: .newlines) == expected.trimmingCharacters(in: .newlines))
    }

    @Test("shows only commands that parley takes")
    func commands() throws {
        var count = 0
        for line in try Document.commands() {
            let command = line.components(separatedBy: " #")[0].split(separator: "|").last.map(String.init) ?? ""
            var words = Self.words(command)
            guard let program = words.first, program == "parley" || program.hasSuffix("/parley") else { continue }
            words.removeFirst()
            count += 1
            #expect(throws: Never.self, "\(line)") { try Parley.command(for: words) }
        }
        #expect(count >= 8)
    }

    @Test("starts parley serve with options it takes, as a service and in a container")
    func services() throws {
        let unit = try Document.block(below: "<!-- systemd -->")
        let start = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
        let command = start.dropFirst("ExecStart=/usr/local/bin/parley ".count)
        #expect(throws: Never.self) { try Parley.command(for: Self.words(String(command))) }
        let entry = try #require(
            try Document.block(below: "<!-- container -->").components(separatedBy: "ENTRYPOINT ").last)
        let words = try #require(try JSON(parsing: entry.trimmingCharacters(in: .newlines)).array).compactMap(\.string)
        #expect(words.first == "parley")
        #expect(throws: Never.self) { try Parley.command(for: Array(words.dropFirst())) }
    }

    @Test("shows settings of an application without a desk that are taken")
    func channels() throws {
        let folder = try TestFolder()
        let file = try folder.write(try Document.block(below: "<!-- channels -->"), to: "c.toml")
        let target = try Target(try Settings.load(configFlag: file, environment: folder.environment()))
        #expect(target.plain?.key == "APP_KEY")
    }

    @Test("shows accounts that are taken")
    func accounts() throws {
        let folder = try TestFolder()
        let file = try folder.write(try Document.block(below: "<!-- accounts -->"), to: "c.toml")
        let settings = try Settings.load(configFlag: file, environment: folder.environment())
        #expect(settings.accountNames == ["default", "work", "guest"])
    }

    @Test("shows rooms that are taken")
    func rooms() throws {
        let folder = try TestFolder()
        let file = try folder.write(try Document.block(below: "<!-- rooms -->"), to: "c.toml")
        let settings = try Settings.load(configFlag: file, environment: folder.environment())
        #expect(settings.rooms.map(\.name.text) == ["support", "dev-ops"])
    }

    @Test("names the files and folders that are used")
    func files() throws {
        let text = try Document.text()
        let environment = RunEnvironment(variables: ["HOME": "/home"])
        for folder in [try environment.configFolder, try environment.dataFolder, try environment.stateFolder] {
            #expect(text.contains("`~" + folder.dropFirst("/home".count) + "/"), "\(folder)")
        }
        #expect(text.contains("`config.sample.toml`"))
        #expect(FileManager.default.fileExists(atPath: Repository.root + "/config.sample.toml"))
    }

    @Test("names every exit code")
    func exitCodes() throws {
        let text = try Document.text()
        let codes: [Failure.Code] = [
            .usage, .badInput, .noSuchUser, .unavailable, .ourBug, .cannotWrite, .tryAgain, .refused, .configuration,
        ]
        for code in codes { #expect(text.contains("· \(code.rawValue) ") || text.contains("\n\(code.rawValue) ")) }
    }

    // MARK: What is expected

    /// What everybody uses one a row; the rest of a chapter in one.
    static func keyTable() -> String {
        var rows = ["| key | does |", "|---|---|"]
        for chapter in CommandTable.chapters {
            if ["conversations", "reading", "writing", "the screen"].contains(chapter.title) {
                rows.append("| **\(chapter.title)** | |")
                rows += chapter.commands.map { "| \(keys($0)) | \($0.help) |" }
            } else {
                let each = chapter.commands.map { "\(keys($0)) \($0.help)" }.joined(separator: " · ")
                rows.append("| **\(chapter.title)** | \(each) |")
            }
        }
        return rows.joined(separator: "\n")
    }

    private static func keys(_ info: CommandInfo) -> String {
        info.keyNames.components(separatedBy: ", ").map { "`\($0)`" }.joined(separator: " ")
    }

    static func slashTable() -> String {
        let rows = SlashCommand.all.map { command in
            let names = ([command.name.rawValue] + command.aliases).map { "/" + $0 }
            let first = names[0] + (command.arguments.isEmpty ? "" : " " + command.arguments)
            return "| \(([first] + names.dropFirst()).map { "`\($0)`" }.joined(separator: " ")) | \(command.help) |"
        }
        return (["| command | does |", "|---|---|"] + rows).joined(separator: "\n")
    }

    /// A line as a shell splits it, as far as the document goes.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == " ", !isQuoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }
}
