import Testing

extension Runs {
    @Test("a whole conversation line by line, in a terminal: nothing is drawn, every event is one line once, in words")
    func linearConversation() throws {
        let room = try TerminalRoom()
        #expect(try room.run("send", "--as", "bob", "alice", "are you there?").code == 0)
        let alice = try room.start("--as", "alice", "--linear")
        try alice.waitFor("1 unseen in bob. Type /query bob to read.")
        try alice.type("/query bob\n")
        try alice.waitFor("You are now writing to bob.")
        try alice.waitFor("bob: are you there?")
        let bob = try room.start("--as", "bob", "--with", "alice")
        try alice.waitFor("bob is online.")
        try bob.waitFor("● online")
        try alice.type("yes\n")
        try alice.waitFor("You to bob: yes (sent)")
        try bob.waitFor(" yes")
        try alice.waitFor("bob has seen your messages.")
        try bob.type("see https://example.org\r")
        try alice.waitFor("bob: see https://example.org")
        try alice.type("/links\n")
        try alice.waitFor("\nhttps://example.org")
        try alice.type("/nonsense\n")
        try alice.waitFor("there is no command /nonsense")
        try alice.type("/discard\n")
        try alice.waitFor("no message failed")
        try bob.type("\u{11}")
        try alice.waitFor("bob is offline.")
        try alice.type("/quit\n")
        #expect(try alice.waitForEnd() == 0)
        expectPlain(alice.bytes)
        #expect(alice.picture.lines.count { $0.contains("bob: see https://example.org") } == 1)
    }

    @Test("a whole conversation through pipes")
    func linearPipes() throws {
        let room = try TerminalRoom()
        #expect(try room.run("send", "--as", "bob", "alice", "first\nsecond \u{1B}[31mred").code == 0)
        let outcome = try room.run(
            "--as", "alice", "--linear", input: "/query bob\nhello bob\n/who\n/help\n/links\n")
        #expect(outcome.code == 0, "\(outcome)")
        for words in [
            "1 unseen in bob", "You are now writing to bob.", "bob: first | second ^[[31mred", "You to bob: hello bob",
            "/query NAME: open the conversation", "no links",
        ] {
            #expect(outcome.output.contains(words), "\(words): \(outcome.output)")
        }
        expectPlain(Array((outcome.output + outcome.errors).utf8))
        #expect(try room.run("history", "--as", "bob", "alice").output.contains("hello bob"))
    }

    @Test("through a pipe the first line that cannot be done ends the run with its code, and nothing after it is sent")
    func linearMistake() throws {
        let room = try TerminalRoom()
        for (mistake, code): (String, Int32) in [
            ("/qurey carol", 64), ("/query", 64), ("/close\ntext without a conversation", 64), ("a\u{0}b", 65),
            (String(repeating: "x", count: 200_000), 65),
        ] {
            let outcome = try room.run(
                "--as", "alice", "--linear", input: "/query bob\nhello bob\n\(mistake)\nfor carol alone\n")
            #expect(outcome.code == code && outcome.errors.contains("nothing after it is sent"), "\(outcome)")
            #expect(outcome.errors.hasPrefix("parley: stdin, line "), "\(outcome)")
        }
        let blank = try room.run("--as", "alice", "--linear", "--with", "bob", input: "  \n\n")
        #expect(blank.code == 65 && blank.errors.contains("nothing was sent"), "\(blank)")
        let said = try room.run("history", "--as", "bob", "alice").output
        #expect(said.contains("hello bob") && !said.contains("for carol") && !said.contains("without"))
    }

    @Test("through a pipe no conversation is open before one was named in it, whatever was open last")
    func linearOpens() throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice", "--with", "bob")
        try alice.waitFor("local desk")
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        #expect(try room.run("--as", "alice", "--linear", input: "/query bob\nfirst\n").code == 0)
        let outcome = try room.run("--as", "alice", "--linear", input: "SECRET\n")
        #expect(outcome.code == 64 && outcome.errors.contains("no conversation is open"), "\(outcome)")
        #expect(try room.run("--as", "alice", "--linear", "--with", "bob", input: "named\n").code == 0)
        let said = try room.run("history", "--as", "bob", "alice").output
        #expect(said.contains("first") && said.contains("named") && !said.contains("SECRET"))
    }

    @Test("through a pipe a user without an account ends the run with 67, and nothing after it is sent")
    func linearUnknown() throws {
        let room = try TerminalRoom()
        let desk = try ServedDesk(room.folder)
        defer { desk.kill() }
        let tokens = try ["alice", "bob"].map { try Program.add($0, room.folder) }
        let alice = ["PARLEY_URL": desk.url, "PARLEY_TOKEN": tokens[0]]
        for line in ["/query zzz", "/msg zzz hello"] {
            let outcome = try Program.run(
                ["--linear"], home: room.home, environment: alice, input: "/query bob\nfirst\n\(line)\nSECRET\n")
            #expect(outcome.code == 67, "\(outcome)")
            #expect(outcome.errors.contains("there is no user \"zzz\" on this desk"), "\(outcome)")
            #expect(!outcome.output.contains("is not for"), "\(outcome)")
        }
        let named = try Program.run(["--linear", "--with", "zzz"], home: room.home, environment: alice, input: "x\n")
        #expect(named.code == 67, "\(named)")
        let said = try Program.run(
            ["history", "alice"], home: room.home, environment: ["PARLEY_URL": desk.url, "PARLEY_TOKEN": tokens[1]])
        #expect(said.output.contains("first") && !said.output.contains("SECRET"), "\(said)")
    }

    @Test("through a pipe a text that is too long for one message is sent in parts")
    func linearParts() throws {
        let room = try TerminalRoom()
        let outcome = try room.run(
            "--as", "alice", "--linear", "--with", "bob", input: String(repeating: "x", count: 9_000))
        #expect(outcome.code == 0 && outcome.output.contains("sent in 2 parts"), "\(outcome)")
        let lines = try room.run("history", "--as", "bob", "alice").lines
        #expect(lines.map { $0.count { $0 == "x" } } == [8_000, 1_000])
    }

    @Test("what was seen is told at the next start as what was said before, not as unseen")
    func linearAgain() throws {
        let room = try TerminalRoom()
        #expect(try room.run("send", "--as", "bob", "alice", "one").code == 0)
        #expect(try room.run("send", "--as", "bob", "alice", "two").code == 0)
        let alice = try room.start("--as", "alice", "--linear", "--with", "bob")
        try alice.waitFor("bob: two")
        try alice.type("three\n")
        try alice.waitFor("You to bob: three (sent)")
        try alice.type("/quit\n")
        #expect(try alice.waitForEnd() == 0)
        let again = try room.run("--as", "alice", "--linear", "--with", "bob", input: "/who\n")
        #expect(again.output.contains("Before, in bob:") && !again.output.contains("unseen in bob"), "\(again)")
    }

    /// No control but the line's end, nothing that is drawn rather than written.
    private func expectPlain(_ bytes: [UInt8]) {
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isDrawn = (0x2500...0x259F).contains(scalar.value) || (0x2800...0x28FF).contains(scalar.value)
            if isDrawn || (scalar.value < 0x20 && scalar != "\n" && scalar != "\r") {
                Issue.record("U+\(String(scalar.value, radix: 16)) in \(String(decoding: bytes, as: UTF8.self))")
                return
            }
        }
    }
}
