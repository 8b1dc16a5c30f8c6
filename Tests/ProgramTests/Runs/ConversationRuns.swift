import Testing

extension Runs {
    @Test("two people on an empty home find each other and talk, and it is all there when one comes back")
    func conversation() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        let bob = try room.enter("bob")
        try alice.waitFor("● bob")
        try bob.waitFor("● alice")

        try alice.type("\u{1B}1")
        try alice.waitFor("bob ● online")
        try alice.type("can you look at order 1812?\r")
        try bob.waitFor("bob's badge") { $0.line(with: "● alice")?.contains("(1)") == true }
        try alice.waitFor("what is stored") { $0.line(with: "order 1812?  ")?.contains("✓") == true }
        #expect(alice.picture.line(with: "order 1812?")?.contains("✓✓") == false)
        try bob.waitFor("the count in the title") { $0.title.contains("(1)") }

        try bob.type("\u{1B}[H\r")
        try bob.waitFor("can you look at order 1812?")
        try bob.waitFor("no badge") { $0.line(with: "● alice")?.contains("(") == false }
        try alice.waitFor("what was seen") { $0.line(with: "order 1812?")?.contains("✓✓") == true }

        try bob.type("on it")
        try alice.waitFor("bob is typing")
        try bob.type("\r")
        try alice.waitFor("on it")
        try alice.waitForNo("bob is typing")

        try alice.type("half a thought")
        try alice.waitFor("> half a thought")
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        try bob.waitFor("alice to be away") { $0.line(with: "alice ")?.contains("○") == true }
        let again = try room.enter("alice")
        try again.waitFor("bob ● online")
        try again.waitFor("can you look at order 1812?")
        try again.waitFor("on it")
        try again.waitFor("> half a thought")
        #expect(alice.foreign + bob.foreign + again.foreign == [])
    }

    @Test("what somebody wrote meanwhile is there unseen at the next start")
    func unseenAtStart() throws {
        let room = try TerminalRoom()
        #expect(try room.run("send", "--as", "alice", "bob", "while you were out").code == 0)
        let bob = try room.enter("bob")
        try bob.waitFor("a badge") { $0.line(with: " alice ")?.contains("(1)") == true }
        try bob.waitFor("1 unseen in 1")
    }

    @Test("a message that a script sends is on an open screen by the time the script ends")
    func sentByScript() throws {
        let room = try TerminalRoom()
        let bob = try room.start("--as", "bob", "--with", "alice")
        try bob.waitFor("local desk (host)")
        let sent = try room.run("send", "--as", "alice", "bob", "hi", "--json")
        try bob.waitFor(" hi", within: .seconds(1))
        #expect(sent.code == 0)
        #expect(sent.lines.count == 1)
        #expect(sent.output.hasPrefix(#"{"v":1,"#) && sent.output.contains(#""state":"sent""#))
        #expect(sent.errors.isEmpty)
    }

    @Test("the lobby reaches everybody; who leaves it is gone from the others' lists until they enter again")
    func lobby() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        let carol = try room.start("--as", "carol", "--with", "#lobby")
        try carol.waitFor("● alice")
        try alice.waitFor("● carol")
        try carol.type("hello all\r")
        try alice.waitFor("a badge at the lobby") { $0.line(with: "# lobby")?.contains("(1)") == true }
        try carol.type("/leave\r")
        try alice.waitForNo("● carol")
        try carol.type("/enter\r")
        try alice.waitFor("● carol")
    }

    @Test("ids that could be mistaken for one another have conversations of their own")
    func likelyMixedUp() throws {
        let room = try TerminalRoom()
        for (from, to) in [("a-b", "c"), ("a", "b-c"), ("9", "10"), ("7", "07"), ("x@y.z", "a=b")] {
            #expect(try room.run("send", "--as", from, to, "from \(from) to \(to)").code == 0)
        }
        for (from, to) in [("a-b", "c"), ("a", "b-c"), ("9", "10"), ("7", "07"), ("x@y.z", "a=b")] {
            let history = try room.run("history", "--as", to, from, "--json")
            #expect(history.lines.count == 1)
            #expect(history.output.contains("from \(from) to \(to)"))
        }
    }

    @Test(
        "an id that is none is refused in a sentence",
        arguments: ["..", "-x", "", String(repeating: "x", count: 65), "a b", "a/b"])
    func refusedID(id: String) throws {
        let room = try TerminalRoom()
        let outcome = try room.run("send", "--as", "alice", "--", id, "hi")
        #expect(outcome.code == 64 || outcome.code == 65, "\(outcome)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.output.isEmpty)
    }
}
