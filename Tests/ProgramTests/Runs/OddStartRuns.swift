import FoundationEssentials
import Glibc
import Testing

extension Runs {
    @Test("a terminal that cannot move its cursor gets lines", arguments: ["dumb", "nonsense", ""])
    func simpleTerminal(term: String) throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice", "--with", "bob", environment: ["TERM": term])
        try alice.waitFor("read on line by line")
        try alice.waitFor("Connected")
        try alice.type("hello\n")
        try alice.waitFor("You to bob: hello")
        try alice.type("/quit\n")
        #expect(try alice.waitForEnd() == 0)
        #expect(!alice.bytes.contains(0x1B))
    }

    @Test("other terminals show the same", arguments: ["vt100", "xterm", "linux", "screen-256color", "tmux-256color"])
    func terminals(term: String) throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice", environment: ["TERM": term])
        try alice.waitFor("Online 1")
        try alice.type("/quit\r")
        #expect(try alice.waitForEnd() == 0)
        #expect(alice.isCooked)
    }

    @Test("without a terminal to read from the full screen says what to use instead")
    func noInput() throws {
        let room = try TerminalRoom()
        let alice = try room.start(command: ["/bin/sh", "-c", "\"$0\" --as alice </dev/null", Program.path])
        #expect(try alice.waitForEnd() == 64)
        #expect(alice.picture.text.contains("standard input is not a terminal"))
        #expect(!alice.bytes.contains(0x1B))
        let linear = try room.run("--as", "alice", "--linear")
        #expect(linear.code == 0)
        #expect(linear.output.contains("Connected"))
    }

    @Test("in a locale without UTF-8 no byte above 0x7F is written", arguments: ["C", "POSIX"])
    func plainLocale(locale: String) throws {
        let room = try TerminalRoom()
        #expect(try room.run("send", "--as", "bob", "alice", "Grüße, 你好 👋").code == 0)
        let alice = try room.start("--as", "alice", "--with", "bob", environment: ["LANG": locale])
        try alice.waitFor("Gr??e")
        try alice.type("ok\r")
        try alice.waitFor("local desk")
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        #expect(alice.bytes.allSatisfy { $0 < 0x80 })
    }

    @Test("where nothing can be written a verb says so and where", arguments: ["/proc", "/dev/null", "FILE"])
    func unwritableHome(home: String) throws {
        let folder = try TestFolder()
        let home = home == "FILE" ? try folder.write("", to: "file") : home
        for verb in [["send", "bob", "hi"], ["who"], ["history", "bob"]] {
            let outcome = try Program.run(verb, home: home)
            #expect(outcome.code == 73, "\(verb): \(outcome)")
            #expect(outcome.errors.contains("\(home)/.local"))
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
    }

    @Test("where nothing can be written the chat ends with a sentence")
    func chatWithoutHome() throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice", environment: ["HOME": "/proc"])
        #expect(try alice.waitForEnd() == 73)
        #expect(alice.picture.text.contains("/proc/.local"))
        #expect(alice.isAsBefore)
        let linear = try Program.run(["--as", "alice", "--linear"], home: "/proc")
        #expect(linear.code == 73)
    }

    @Test("without HOME the user database says where home is, and one that is not there is made")
    func missingHome() throws {
        let folder = try TestFolder()
        let outcome = try Program.run(["send", "bob", "hi"], home: folder.path + "/not/yet")
        #expect(outcome.code == 0)
        #expect(FileManager.default.fileExists(atPath: folder.path + "/not/yet/.local/share/parley/desk.sqlite"))
    }

    @Test("serve on a taken port says so")
    func takenPort() throws {
        let taken = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(taken) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(taken, $0, length)
                _ = listen(taken, 1)
                _ = getsockname(taken, $0, &length)
            }
        }
        let place = "127.0.0.1:\(address.sin_port.bigEndian)"
        let folder = try TestFolder()
        let outcome = try Program.run(["serve", "--listen", place], home: folder.path)
        #expect(outcome.code == 69)
        #expect(outcome.errors.contains(place))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test("a file of somebody's that stands where the desk's socket goes is named and left alone")
    func foreignSocketFile() throws {
        let room = try TerminalRoom()
        let file = try room.folder.write("mine", to: ".local/share/parley/desk.sock")
        _ = chmod(room.desk, 0o700)
        let outcome = try room.run("send", "bob", "hi")
        #expect(outcome.code == 78)
        #expect(outcome.errors.contains(file))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    }

    @Test("a socket that a dead host left behind does no harm")
    func staleSocket() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        try alice.send(SIGKILL)
        #expect(try alice.waitForEnd() == Int(128 + SIGKILL))
        #expect(FileManager.default.fileExists(atPath: room.desk + "/desk.sock"))
        #expect(try room.run("send", "--as", "bob", "alice", "hi").code == 0)
    }
}
