import Testing

extension Runs {
    @Test("a window may be tiny", arguments: [(20, 5), (1, 1), (3, 2), (200, 3)])
    func tiny(columns: Int, rows: Int) throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice", columns: columns, rows: rows)
        try alice.waitFor("the screen") { !$0.isMainScreen }
        alice.resize(80, 24)
        try alice.waitFor("Online 1")
        alice.resize(columns, rows)
        try alice.type("/who\r")
        alice.resize(80, 24)
        try alice.waitFor("1 person is online")
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        #expect(alice.foreign == [])
    }

    @Test("a storm of resizes ends with a right picture")
    func storm() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        for step in 0..<100 { alice.resize(20 + step * 37 % 120, 5 + step * 13 % 40) }
        alice.resize(100, 30)
        try alice.waitFor("the frame of the last size") { picture in
            picture.lines.count == 30 && picture.lines.allSatisfy { $0.count == 100 }
                && picture.lines[0].hasPrefix("┌ Online 1") && picture.lines[0].hasSuffix("┐")
                && picture.lines[29].hasPrefix("└ local desk") && picture.lines[29].hasSuffix("┘")
                && picture.lines[1..<27].allSatisfy { $0.hasPrefix("│") && $0.hasSuffix("│") }
        }
    }
}
