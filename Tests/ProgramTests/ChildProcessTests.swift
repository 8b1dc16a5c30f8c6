import ChannelsProtocol
import Chat
import Foundation
import Glibc
import Testing

@testable import parley

@Suite("a child process")
struct ChildProcessTests {
    @Test("has descriptors 0, 1 and 2 and no others")
    func descriptors() throws {
        let folder = try TestFolder()
        // As sockets are that a library opens without close-on-exec.
        let leaks = (0..<5).map { _ in socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
        defer { leaks.forEach { close($0) } }
        let script =
            "for fd in \(leaks.map(String.init).joined(separator: " ")); do [ -e /proc/$$/fd/$fd ] && echo $fd; done; true"
        let file = open(folder.path + "/out", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let process = try ChildProcess.spawn(
            ["/bin/sh", "-c", script], ChildEnvironment(), output: .file(file),
            group: .session)
        #expect(ChildProcess.wait(process) == 0)
        #expect(try String(contentsOfFile: folder.path + "/out", encoding: .utf8).isEmpty)
    }

    @Test("that prints a line and leaves another in the background has printed its token")
    func background() throws {
        let began = Now.uptime
        #expect(try TokenCommand("sleep 40 & echo TOKEN").token() == "TOKEN")
        #expect(try TokenCommand("echo TOKEN; sleep 40").token() == "TOKEN")
        #expect(Now.uptime - began < .seconds(10))
    }

    private func settings(_ flags: [SettingKey: (flag: String, value: SettingValue)] = [:]) throws -> Settings {
        try Settings.load(flags: flags, environment: try TestFolder().environment())
    }

    @Test("that runs when the time is up is ended with what it has started")
    func timeout() throws {
        let folder = try TestFolder()
        let runs = CommandRuns(
            "cd \(folder.path); sleep 300 & echo $! >new; mv new pid; sleep 300", limit: 1, try settings())
        let event: [(String, JSON)] = [("type", "message")]
        let deadline = Now.uptime + .seconds(2)
        #expect(try runs.run(event, as: nil, before: deadline))
        // There is no room for a second one.
        #expect(try !runs.run(event, as: nil, before: Now.uptime + .milliseconds(50)))
        while !FileManager.default.fileExists(atPath: folder.path + "/pid") { usleep(1_000) }
        runs.finish(before: deadline)
        #expect(Now.uptime - deadline < .seconds(5))
        let text = try String(contentsOfFile: folder.path + "/pid", encoding: .utf8)
        let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        var isGone = false
        for _ in 0..<2_000 where !isGone {
            // Whoever reaps orphans here may take its time.
            isGone = [nil, "Z"].contains(Program.state(of: pid))
            if !isGone { usleep(5_000) }
        }
        #expect(isGone)
    }
}

@Suite("the variables of a child")
struct ChildEnvironmentTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private static let others = [
        "PATH=/bin", "PARLEY_USER=mallory", "PARLEY_URL=https://other.example", "PARLEY_TOKEN=other",
        "PARLEY_EVENT=old",
        "PARLEY_EVENT_TEXT=old", "PARLEY_APP_SECRET=secret", "PARLEY_STORE_URL=postgres://", "PARLEY_TITLE=old",
        "PATH=/second", "PARLEY_INSECURE=1",
    ].map { Array($0.utf8CString) }

    private func settings(
        _ config: String? = nil, _ variables: [String: String],
        _ flags: [SettingKey: (flag: String, value: SettingValue)], isInsecure: Bool = false
    ) throws -> Settings {
        let file = try config.map { try folder.write($0, to: "c.toml") }
        return try Settings.load(
            configFlag: file, flags: flags, isInsecure: isInsecure, environment: folder.environment(variables))
    }

    /// What a `parley` in the child would be: the settings that it reads there.
    private func inside(_ settings: Settings, hasToken: Bool = true) throws -> Settings {
        let child = ChildEnvironment(settings, hasToken: hasToken, inherited: Self.others)
        var variables: [String: String] = [:]
        for name in ["PARLEY_CONFIG", "PARLEY_ACCOUNT", "PARLEY_USER", "PARLEY_URL", "PARLEY_TOKEN", "PARLEY_INSECURE"]
        {
            variables[name] = child[name]
        }
        return try Settings.load(environment: RunEnvironment(variables: variables.merging(["HOME": "/none"]) { $1 }))
    }

    private static let variables = [
        "PARLEY_USER": "mallory", "PARLEY_URL": "https://other.example", "PARLEY_TOKEN": "other",
    ]

    @Test("have one value for each name, and none of an older event or of another identity")
    func once() throws {
        let child = ChildEnvironment(inherited: Self.others)
        #expect(
            child.entries.map { String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) } == [
                "PATH=/bin"
            ])
        let more = child.adding([("PARLEY_EVENT", "message"), ("PATH", "/mine")])
        #expect(more.entries.count == 2 && more["PATH"] == "/mine" && more["PARLEY_EVENT"] == "message")
    }

    @Test("of --account make a parley the same account with the same token, whatever the environment has")
    func account() throws {
        let config = "[accounts.work]\nurl = \"https://work.example\"\nuser = \"ana\"\ntoken = \"t\"\n"
        let outside = try settings(config, Self.variables, [.account: ("--account", .text("work"))])
        let inside = try inside(outside)
        for settings in [outside, inside] {
            let target = try Target(settings)
            #expect(settings.account == "work" && target.name == "https://work.example")
            #expect(try target.token() == "t")
            #expect(settings.tokenName == "work")
        }
        #expect(inside.text(.user) == "ana")
    }

    @Test("of --as make a parley the same user at the same desk")
    func user() throws {
        let outside = try settings(nil, Self.variables, [.user: ("--as", .text("alice"))])
        let inside = try inside(outside)
        for settings in [outside, inside] {
            #expect(settings.text(.user) == "alice" && settings.text(.url) == "https://other.example")
            #expect(settings.text(.token) == "other")
        }
    }

    @Test("of --url make a parley talk to that desk, and no token of another desk goes there")
    func url() throws {
        let outside = try settings(nil, Self.variables, [.url: ("--url", .text("https://mine.example"))])
        let inside = try inside(outside)
        for settings in [outside, inside] {
            #expect(settings.text(.url) == "https://mine.example" && settings.text(.token) == nil)
        }
        let same = try settings(nil, Self.variables, [.url: ("--url", .text("https://OTHER.example/"))])
        #expect(same.text(.token) == "other")
        let bare = try settings(nil, ["PARLEY_TOKEN": "t"], [.url: ("--url", .text("https://mine.example"))])
        #expect(bare.text(.token) == "t")
    }

    @Test("without a token hold none, and no secret of a desk")
    func secrets() throws {
        let given = try settings(nil, Self.variables, [:])
        let child = ChildEnvironment(given, hasToken: false, inherited: Self.others)
        #expect(child["PARLEY_TOKEN"] == nil && child["PARLEY_APP_SECRET"] == nil && child["PARLEY_STORE_URL"] == nil)
        #expect(child["PARLEY_URL"] == "https://other.example" && child["PARLEY_INSECURE"] == nil)
        let insecure = try settings(nil, [:], [:], isInsecure: true)
        #expect(ChildEnvironment(insecure, hasToken: true, inherited: [])["PARLEY_INSECURE"] == "1")
    }
}
