import FoundationEssentials
import Glibc
import Testing

extension Runs {
    @Test("from an empty home to a delivered message in three actions: Enter, the words, Enter")
    func firstRun() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        try alice.waitFor("Welcome to Parley")
        try alice.waitFor("Run parley --as bob in another terminal")
        let bob = try room.enter("bob")
        try alice.waitFor("● bob")
        try alice.type("\r")
        try alice.waitFor("bob ● online")
        try alice.type("hello")
        try alice.type("\r")
        try bob.waitFor("a badge") { $0.line(with: "● alice")?.contains("(1)") == true }
        try alice.waitFor("what is stored") { $0.line(with: "hello ")?.contains("✓") == true }
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        let again = try room.enter("alice")
        try again.waitFor("hello")
        #expect(!again.picture.text.contains("Welcome"))
    }

    @Test("a paste lands in the input, whatever is in it, and sends nothing")
    func paste() throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice", "--with", "bob")
        try alice.waitFor("Nothing was said")
        try alice.type("\u{1B}[200~one\rtwo\r\nthree \u{1B}[31m\u{1B}]2;pwned\u{07}\u{03}\u{1A}\u{1B}[201~|")
        try alice.waitFor("three [31m]2;pwned|")
        #expect(alice.picture.line(with: "> one") != nil && alice.picture.line(with: "  two") != nil)
        #expect(alice.picture.line(with: "✓") == nil)
        #expect(!alice.picture.title.contains("pwned"))
        try alice.type("\u{03}")
        try alice.waitForNo("three")
        // One that never ends is there after a while, and the keyboard works.
        try alice.type("\u{1B}[200~torn\r")
        try alice.waitFor("> torn")
        try alice.type("\u{1B}[201~!")
        try alice.waitFor("!")
        #expect(alice.foreign == [])
    }

    @Test("a click opens, the wheel scrolls")
    func mouse() throws {
        let room = try TerminalRoom()
        for number in 1...40 {
            #expect(try room.run("send", "--as", "bob", "alice", "message number \(number).").code == 0)
        }
        let alice = try room.enter("alice")
        try alice.waitFor("bob's badge") { $0.line(with: " bob ")?.contains("(40)") == true }
        let row = try #require(alice.picture.lines.firstIndex { $0.contains(" bob ") && $0.contains("(40)") })
        try alice.type("\u{1B}[<0;5;\(row + 1)M\u{1B}[<0;5;\(row + 1)m")
        try alice.waitFor("message number 5.")
        for _ in 0..<20 { try alice.type("\u{1B}[<65;40;8M") }
        try alice.waitFor("message number 40.")
        for _ in 0..<20 { try alice.type("\u{1B}[<64;40;8M") }
        try alice.waitFor("message number 1.")
        #expect(alice.foreign == [])
    }

    @Test("what comes while the terminal has no focus is seen when it has it again")
    func focus() throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice", "--with", "bob")
        let bob = try room.start("--as", "bob", "--with", "alice")
        try alice.waitFor("bob ● online")
        try bob.waitFor("alice ● online")
        try bob.type("\u{1B}[O")
        try alice.type("one\r")
        try bob.waitFor("one")
        try bob.waitFor("1 unseen in 1")
        try alice.waitFor("what is stored") { $0.line(with: "one  ")?.contains("✓") == true }
        #expect(alice.picture.line(with: "one  ")?.contains("✓✓") == false)
        // They come behind the picture, perhaps in a later write.
        try bob.waitFor("title and bell") { $0.title.hasPrefix("(1)") && $0.bells >= 1 }
        try bob.type("\u{1B}[I")
        try alice.waitFor("what was seen") { $0.line(with: "one  ")?.contains("✓✓") == true }
        try bob.waitForNo("1 unseen in 1")
    }

    @Test("the editor has the terminal while messages arrive; its text comes back into the input, and nothing was sent")
    func editor() throws {
        let room = try TerminalRoom()
        let gate = room.home + "/gate"
        mkfifo(gate, 0o600)
        let script = try room.folder.write(
            "#!/bin/sh\nprintf 'the editor is here\\n'\nread -r line < \(gate)\nprintf 'edited: ' | cat - \"$1\" > \"$1.new\"\nmv \"$1.new\" \"$1\"\n",
            to: "editor.sh")
        _ = chmod(script, 0o700)
        let alice = try room.start("--as", "alice", "--with", "bob", environment: ["EDITOR": script])
        try alice.waitFor("Nothing was said")
        try alice.type("half a thought\u{18}\u{05}")
        try alice.waitFor("the editor") { $0.isMainScreen && $0.text.contains("the editor is here") }
        #expect(alice.isCooked)
        #expect(try room.run("send", "--as", "bob", "alice", "meanwhile").code == 0)
        let end = open(gate, O_RDWR | O_CLOEXEC)
        defer { close(end) }
        #expect(write(end, "go\n", 3) == 3)
        try alice.waitFor("> edited: half a thought")
        try alice.waitFor(" meanwhile")
        #expect(alice.picture.line(with: "✓") == nil)
        #expect(!alice.isCooked)
        try alice.type("\r")
        try alice.waitFor("what is stored") { $0.line(with: "edited: half a thought  ")?.contains("✓") == true }
    }

    @Test("keys --read tells each key as its schema says, and gives the terminal back")
    func keysRead() throws {
        let room = try TerminalRoom()
        let reader = try room.start("keys", "--read", "--json", columns: 200, rows: 24)
        try reader.waitFor("Press a key")
        try reader.type("\u{1B}[A")
        try reader.waitFor(#""key":"Up""#)
        try reader.type("é")
        try reader.waitFor(#""key":"é""#)
        try reader.type("\u{1B}[99;99~")
        try reader.waitFor(#""key":null"#)
        try reader.type("\u{03}\u{03}")
        #expect(try reader.waitForEnd() == 0)
        #expect(reader.isAsBefore)
        let lines = reader.picture.lines.filter { $0.hasPrefix("{") }.joined(separator: "\n")
        try SchemaCheck.expect(lines, fits: "keys", atLeast: 5)
    }
}
