import Glibc
import Testing

// The limits are twice what is promised: the computer may be busy with other tests.
extension Runs {
    @Test("when the host is killed the others go on, nothing is lost or repeated, and the dead one leaves the list")
    func hostKilled() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        let bob = try room.start("--as", "bob", "--with", "carol")
        let carol = try room.start("--as", "carol", "--with", "bob")
        try bob.waitFor("● carol")
        try carol.waitFor("● bob")
        try alice.waitFor("● carol")
        try bob.type("before\r")
        try carol.waitFor("before")
        try alice.send(SIGKILL)
        for word in ["one", "two", "three"] {
            // Several lines in one read would be a paste to confirm.
            try bob.type("\(word) after\r")
            try bob.waitFor("\(word) after")
        }
        try bob.waitFor("a new host", within: .seconds(2)) {
            $0.text.contains("local desk (host)") || carol.picture.text.contains("local desk (host)")
        }
        // A later message can be on the screen before an earlier one has been fetched.
        try carol.waitFor("every message once and in order", within: .seconds(2)) {
            Self.words(of: $0) == ["before", "one after", "two after", "three after"]
        }
        try bob.waitForNo("● alice", within: .seconds(2))
        #expect(try alice.waitForEnd() == Int(128 + SIGKILL))
        #expect(Self.words(of: carol.picture) == ["before", "one after", "two after", "three after"])
    }

    private static func words(of picture: TerminalPicture) -> [String] {
        let known: Set<Substring> = ["before", "one", "two", "three", "after"]
        return picture.lines.map { $0.split(separator: " ").filter(known.contains).joined(separator: " ") }
            .filter { !$0.isEmpty }
    }

    @Test("a host that is stopped is named to the others, who keep what is typed and go on when it does")
    func hostStopped() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        let bob = try room.start("--as", "bob", "--with", "alice")
        try bob.waitFor("● alice")
        // Stopped in the middle of a picture she would go on with it.
        try alice.waitFor("● bob")
        try alice.send(SIGSTOP)
        try bob.waitFor("host (pid \(alice.program)) is stopped", within: .seconds(4))
        try bob.type("are you there?\r")
        try bob.waitFor("a mark that it waits") { $0.line(with: "are you there?  ")?.contains("✓") == false }
        let sent = try room.run("send", "--as", "carol", "bob", "hi", "--timeout", "3s")
        #expect(sent.code == 69)
        #expect(sent.errors.contains("stopped"))
        // Woken without the terminal, which the shell has now: the desk goes on, the shell is left in peace.
        try alice.waitFor("<stopped>")
        let written = alice.bytes.count
        try alice.send(SIGCONT)
        try bob.waitFor("what is stored") { $0.line(with: "are you there?  ")?.contains("✓") == true }
        #expect(alice.bytes.count == written)
        // The terminal is still as the stop found it, so Return is no line's end.
        try alice.type("\n")
        try alice.waitFor("the screen, as it is now") { $0.line(with: "● bob")?.contains("(1)") == true }
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        #expect(alice.isAsBefore)
    }

    @Test("ended in the background it gives the terminal back and does not hang there")
    func endedInBackground() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        try alice.send(SIGSTOP)
        try alice.waitFor("<stopped>")
        try alice.send(SIGTERM)
        try alice.send(SIGCONT)
        try alice.waitFor("the terminal as it was") { _ in alice.isAsBefore }
    }

    @Test("n started together make one host")
    func startedTogether() throws {
        let room = try TerminalRoom()
        let users = ["a", "b", "c", "d"]
        let sessions = try users.map { try room.start("--as", $0) }
        for session in sessions { try session.waitFor("Online 4") }
        #expect(sessions.filter { $0.picture.text.contains("(host)") }.count == 1)
    }
}
