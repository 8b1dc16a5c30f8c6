import Glibc
import Testing

extension Runs {
    /// How the program is ended, and what the shell is told.
    enum WayOut: String, CaseIterable, CustomTestStringConvertible {
        case key = "Ctrl-Q"
        case command = "/quit"
        case terminate = "SIGTERM"
        case hangUp = "SIGHUP"
        case interrupt = "SIGINT"
        case crash = "a crash"
        case abort = "an abort"

        var testDescription: String { rawValue }

        func take(_ session: TerminalSession) throws -> Int {
            let signal: Int32
            switch self {
            case .key:
                try session.type("\u{11}")
                return 0
            case .command:
                try session.type("/quit\r")
                return 0
            case .terminate: signal = SIGTERM
            case .hangUp: signal = SIGHUP
            case .interrupt: signal = SIGINT
            case .crash: signal = SIGSEGV
            case .abort: signal = SIGABRT
            }
            try session.send(signal)
            return Int(128 + signal)
        }
    }

    @Test(
        "gives the terminal back: cooked, on the main screen, with its cursor", arguments: WayOut.allCases)
    func wayOut(way: WayOut) throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        #expect(!alice.isCooked && !alice.picture.isMainScreen)
        let expected = try way.take(alice)
        let code = try alice.waitForEnd()
        #expect(code == expected)
        #expect(alice.isCooked)
        #expect(alice.isAsBefore, "modes \(alice.picture.modes)")
        #expect(alice.foreign == [])
    }

    @Test("gives the terminal back before the first connection stands, too", arguments: [WayOut.terminate, .crash])
    func atOnce(way: WayOut) throws {
        let room = try TerminalRoom()
        let alice = try room.start("--as", "alice")
        try alice.waitFor("the first picture") { !$0.isMainScreen && $0.text.contains("parley") }
        let expected = try way.take(alice)
        #expect(try alice.waitForEnd() == expected)
        #expect(alice.isAsBefore, "modes \(alice.picture.modes)")
    }

    @Test("Ctrl-Z gives the terminal back, and fg brings the screen and the link")
    func suspend() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        let bob = try room.enter("bob")
        try alice.waitFor("● bob")
        try alice.type("\u{1A}")
        try alice.waitFor("<stopped>")
        #expect(alice.isAsBefore, "modes \(alice.picture.modes)")
        #expect(Program.state(of: alice.program) == "T")
        // Alice hosted; who stays has taken the desk over.
        try bob.waitFor("local desk (host)")
        try bob.waitForNo("● alice")
        try alice.type("\r")
        try alice.waitFor("the screen") { !$0.isMainScreen && $0.text.contains("● bob") }
        #expect(!alice.isCooked)
        try bob.waitFor("● alice")
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
        #expect(alice.isAsBefore)
    }

    @Test("stopped from outside and woken, the screen is painted anew and works")
    func stoppedFromOutside() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        try alice.send(SIGTSTP)
        try alice.waitFor("<stopped>")
        #expect(alice.isAsBefore, "modes \(alice.picture.modes)")
        try alice.type("\r")
        try alice.waitFor("Online ")
        try alice.type("back")
        try alice.waitFor("> back")
    }

    @Test("a closed window ends the program", arguments: [false, true])
    func closedWindow(isGuest: Bool) throws {
        let room = try TerminalRoom()
        let bob = isGuest ? try room.enter("bob") : nil
        let alice = try room.enter("alice")
        alice.hangUp()
        try waitUntilGone(alice.program, in: room)
        if let bob { try bob.waitForNo("● alice") }
    }

    private func waitUntilGone(_ pid: pid_t, in room: TerminalRoom) throws {
        let end = ContinuousClock.now + .seconds(5)
        while let state = Program.state(of: pid), state != "Z" {
            guard .now < end else { throw RunError("\(pid) lives on (\(state))") }
            try room.turn(until: .now + .milliseconds(5))
        }
    }
}
