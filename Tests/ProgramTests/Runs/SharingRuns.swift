import Glibc
import Testing

extension Runs {
    @Suite("a verb beside a running client")
    struct SharingRuns {
        private func sessions(_ room: TerminalRoom) throws -> Int {
            try room.run("sessions", "--as", "alice", "--json").lines.count
        }

        @Test("lives off its connection: the desk knows one, whatever runs, and the roster is the screen's")
        func oneConnection() throws {
            let room = try TerminalRoom()
            let alice = try room.enter("alice")
            let bob = try room.start("--as", "bob", "--with", "alice")
            try bob.waitFor("● alice")
            let tail = try BackgroundVerb(room, "tail", "bob", "--as", "alice", "--json", "--count", "3")
            let on = try BackgroundVerb(room, "on", "join", "--as", "alice", "--json", "--count", "1")
            try tail.waitForOutput(#""state":"online""#)
            #expect(try sessions(room) == 1)
            try bob.type("typed\r")
            #expect(try room.run("send", "bob", "scripted", "--as", "alice").code == 0)
            let asked = try BackgroundVerb(room, "ask", "bob", "well?", "--as", "alice")
            try bob.waitFor("[1] yes")
            #expect(try sessions(room) == 1)
            try bob.type("\u{1B}q1")
            #expect(try asked.wait(room).output == "yes\n")
            let told = try tail.wait(room)
            #expect(told.code == 0)
            #expect(told.lines.filter { $0.contains(#""type":"message""#) }.count == 3, "\(told)")
            _ = try room.start("--as", "carol")
            #expect(try on.wait(room).output.contains(#""id":"carol""#))
            try alice.waitFor("● carol")
            #expect(try sessions(room) == 1)
        }

        @Test(
            "goes on alone when that is killed or stopped, and loses and repeats nothing", .longRun,
            arguments: [SIGKILL, SIGSTOP])
        func clientGone(signal: Int32) throws {
            let room = try TerminalRoom()
            _ = try room.enter("dan")
            let alice = try room.enter("alice")
            let tail = try BackgroundVerb(room, "tail", "bob", "--as", "alice", "--json", "--count", "60")
            try tail.waitForOutput(#""state":"online""#)
            for number in 1...20 { #expect(try room.run("send", "alice", "m\(number)", "--as", "bob").code == 0) }
            #expect(try sessions(room) == 1)
            try alice.send(signal)
            for number in 21...60 { #expect(try room.run("send", "alice", "m\(number)", "--as", "bob").code == 0) }
            let told = try tail.wait(room)
            #expect(told.code == 0, "\(told)")
            let numbers = told.lines.filter { $0.contains(#""type":"message""#) }.compactMap { line in
                line.split(separator: #""seq":"#).dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) }
            }
            #expect(numbers == Array(1...60))
            if signal == SIGSTOP { try alice.send(SIGCONT) }
        }

        @Test("is not held up by one that is stopped")
        func stoppedBefore() throws {
            let room = try TerminalRoom()
            _ = try room.enter("dan")
            let alice = try room.enter("alice")
            try alice.waitFor("● dan")
            try alice.send(SIGSTOP)
            try alice.waitFor("<stopped>")
            let tail = try BackgroundVerb(room, "tail", "--as", "alice", "--json", "--count", "1")
            try tail.waitForOutput(#""state":"online""#, within: .seconds(10))
            #expect(try room.run("send", "alice", "hi", "--as", "bob").code == 0)
            #expect(try tail.wait(room).code == 0)
            try alice.send(SIGCONT)
        }

        @Test("of two terminals the second lends its connection when the first is gone")
        func takenOver() throws {
            let room = try TerminalRoom()
            _ = try room.enter("dan")
            let first = try room.enter("alice")
            let second = try room.enter("alice")
            let tail = try BackgroundVerb(room, "tail", "--as", "alice", "--json", "--count", "2")
            try tail.waitForOutput(#""state":"online""#)
            #expect(try sessions(room) == 2)
            try first.type("\u{11}")
            #expect(try first.waitForEnd() == 0)
            try tail.waitForOutput(#""state":"offline""#)
            #expect(try room.run("send", "alice", "one", "--as", "bob").code == 0)
            try second.waitFor("(1)")
            let late = try BackgroundVerb(room, "tail", "--as", "alice", "--json", "--count", "1")
            try late.waitForOutput(#""state":"online""#)
            #expect(try room.run("send", "alice", "two", "--as", "bob").code == 0)
            #expect(try tail.wait(room).code == 0)
            #expect(try late.wait(room).code == 0)
            #expect(try sessions(room) == 1)
        }
    }
}
