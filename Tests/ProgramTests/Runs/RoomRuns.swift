import Testing

extension Runs {
    /// A local desk with a room for everybody and one for alice.
    private func house() throws -> TerminalRoom {
        let room = try TerminalRoom()
        try room.folder.write(
            """
            [[rooms]]
            name = "support"
            title = "Customers"

            [[rooms]]
            name = "dev-ops"
            users = "alice"
            """, to: ".config/parley/config.toml")
        return room
    }

    @Test("two people talk in a room, one moves to another and finds what was said there, also after a restart")
    func rooms() throws {
        let room = try house()
        let bob = try room.start("--as", "bob", "--with", "#support")
        try bob.waitFor("#support 1 here · Customers")
        let alice = try room.enter("alice")
        try alice.waitFor("# dev-ops")
        try alice.type("/join #support\r")
        try alice.waitFor("In #support 2")
        try bob.waitFor("In #support 2")
        try alice.type("order 1812 is late\r")
        try bob.waitFor("order 1812 is late")
        #expect(!bob.picture.text.contains("dev-ops"))

        try alice.type("/query #dev-ops\r")
        try alice.waitFor("In #dev-ops 1")
        try bob.waitFor("In #support 2")
        try bob.type("on it\r")
        try alice.waitFor("a badge") { $0.line(with: "# support")?.contains("(1)") == true }
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        try bob.waitFor("In #support 1")
        #expect(try room.run("send", "--as", "bob", "#support", "done").code == 0)
        let again = try room.enter("alice", title: "In #dev-ops 1")
        try again.waitFor("both") { $0.line(with: "support")?.contains("(2)") == true }
        try bob.waitFor("In #support 2")
        try again.type("\u{1B}a")
        try again.waitFor("done")
        try again.waitForNo("(2)")
        #expect(alice.foreign + bob.foreign + again.foreign == [])
    }

    @Test("verbs take a room as they take a user, and say which rooms there are where it is none")
    func verbsInRooms() throws {
        let room = try house()
        for (user, text) in [("bob", "one"), ("alice", "two")] {
            #expect(try room.run("send", "--as", user, "#support", text).code == 0)
        }
        #expect(try room.run("send", "--as", "alice", "#dev-ops", "secret").code == 0)
        let history = try room.run("history", "--as", "bob", "#support")
        #expect(history.lines.count == 2 && history.output.contains("two"), "\(history)")
        let tail = try room.run("tail", "--as", "bob", "#support", "--since", "1", "--count", "1", "--json")
        #expect(tail.output.contains(#""text":"two""#) && !tail.output.contains("one"), "\(tail)")
        let export = try room.run("export", "--as", "alice")
        for text in ["one", "two", "secret"] { #expect(export.output.contains(text), "\(export)") }
        #expect(try !room.run("export", "--as", "bob").output.contains("secret"))
        for verb in ["history", "send", "tail", "export", "seen", "who"] {
            let more = verb == "send" ? ["x"] : []
            let refused = try Program.run([verb, "--as", "bob", "#dev-ops"] + more, home: room.home)
            #expect(refused.code == 67, "\(verb): \(refused)")
            #expect(refused.errors.contains("#dev-ops: is no room for bob at local desk; there are #lobby #support"))
        }
        let gone = try room.run("--as", "bob", "--linear", "--with", "#nowhere", input: "/quit\n")
        #expect(gone.output.contains("there is no room #nowhere here"), "\(gone)")
    }

    @Test("line by line a room is entered, written to and listened to by its name")
    func linearRooms() throws {
        let room = try house()
        let bob = try room.start("--as", "bob", "--linear", "--with", "#support")
        try bob.waitFor("You are now writing to #support.")
        let alice = try room.enter("alice")
        try alice.type("/join #support\r")
        try bob.waitFor("alice entered #support.")
        try alice.type("hello\r")
        try bob.waitFor("alice in #support: hello")
        try bob.type("/who\n")
        try bob.waitFor("2 people are in #support")
        try bob.type("hello back\n")
        try alice.waitFor("hello back")
        try alice.type("/leave\r")
        try bob.waitFor("alice left #support.")
        try bob.type("/leave\n")
        try bob.waitFor("you left #support; /enter brings you back")
        try bob.type("/quit\n")
        #expect(try bob.waitForEnd() == 0)
    }
}
