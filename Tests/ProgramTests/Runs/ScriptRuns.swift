import ChannelsProtocol
import Foundation
import Testing

@testable import parley

extension Runs {
    @Suite("from scripts")
    struct ScriptRuns {
        @Test("ask ends as answered, declined, seen or timed out, and several at once do not mix")
        func ask() throws {
            let room = try TerminalRoom()
            let bob = try room.start("--as", "bob", "--with", "alice")
            try bob.waitFor("local desk (host)")
            let first = try BackgroundVerb(
                room, "ask", "bob", "first?", "--choices", "red,blue", "--as", "alice", "--json")
            try bob.waitFor("[2] blue")
            let second = try BackgroundVerb(room, "ask", "bob", "second?", "--as", "alice")
            try bob.waitFor("[2] no")
            try bob.type("\u{1B}q2")
            try bob.waitFor("(answered: no)")
            let no = try second.wait(room)
            #expect(no.code == 0 && no.output == "no\n", "\(no)")
            try bob.type("\u{1B}q1")
            try bob.waitFor("(answered: red)")
            let red = try first.wait(room)
            #expect(red.code == 0)
            #expect(red.output.contains(#""outcome":"answered""#) && red.output.contains(#""choice":"red""#))
            try SchemaCheck.expect(red.output, fits: "ask")
            let third = try BackgroundVerb(room, "ask", "bob", "third?", "--as", "alice", "--json")
            try bob.waitFor("third?")
            try bob.type("/decline\r")
            let declined = try third.wait(room)
            #expect(declined.code == 10, "\(declined)")
            try SchemaCheck.expect(declined.output, fits: "ask")
            let fourth = try BackgroundVerb(room, "ask", "bob", "4th?", "--as", "alice", "--timeout", "2s", "--json")
            #expect(try fourth.wait(room).code == 12)
            let fifth = try room.run("ask", "carol", "there?", "--as", "alice", "--timeout", "1s", "--json")
            #expect(fifth.code == 75, "\(fifth)")
            try SchemaCheck.expect(fifth.output, fits: "ask")
        }

        @Test("ask ends when the peer went offline, and a late answer is marked and is nobody's consent")
        func peerLeft() throws {
            let room = try TerminalRoom()
            let desk = try room.enter("dan")
            let bob = try room.start("--as", "bob", "--with", "alice")
            try bob.waitFor("● dan")
            let asked = try BackgroundVerb(room, "ask", "bob", "stay?", "--as", "alice", "--grace", "500ms", "--json")
            try bob.waitFor("[1] yes")
            try bob.type("\u{11}")
            #expect(try asked.wait(room).code == 11)
            let late = try room.run("ask", "bob", "quick?", "--as", "alice", "--timeout", "1s")
            #expect(late.code == 75, "\(late)")
            let again = try room.start("--as", "bob", "--with", "alice")
            try again.waitFor("quick?")
            try again.type("\u{1B}q1")
            try again.waitFor("(answered: yes, late)")
            let history = try room.run("history", "bob", "--as", "alice", "--json")
            #expect(history.lines.last?.contains(#""late":true"#) == true)
            try SchemaCheck.expect(history.output, fits: "history", atLeast: 3)
            try desk.waitFor("bob")
        }

        @Test("send --when-online and who --wait do it once, after the arrival, and give up in time")
        func arrival() throws {
            let room = try TerminalRoom()
            _ = try room.enter("dan")
            let waits = try BackgroundVerb(room, "who", "--wait", "bob", "--as", "alice", "--json")
            let sends = try BackgroundVerb(room, "send", "bob", "welcome", "--when-online", "--as", "alice", "--json")
            #expect(try room.run("who", "--wait", "bob", "--timeout", "500ms", "--as", "alice").code == 75)
            let early = try room.run("history", "bob", "--as", "alice")
            #expect(early.output.isEmpty)
            let bob = try room.start("--as", "bob")
            try bob.waitFor("(1)")
            let who = try waits.wait(room)
            #expect(who.code == 0)
            try SchemaCheck.expect(who.output, fits: "who")
            let sent = try sends.wait(room)
            #expect(sent.code == 0)
            try SchemaCheck.expect(sent.output, fits: "send")
            #expect(try room.run("history", "bob", "--as", "alice").lines.count == 1)
        }

        @Test("on join and leave run a command once for each transition, also with two terminals of one user")
        func on() throws {
            let room = try TerminalRoom()
            let dan = try room.enter("dan")
            let log = room.home + "/log"
            let on = try BackgroundVerb(
                room, "on", "join,leave", "--as", "alice", "--count", "2",
                "--exec", "echo \"$PARLEY_EVENT $PARLEY_EVENT_ID\" >>\(log); cat >>\(log).json")
            try dan.waitFor("● alice")
            try room.enter("carol").waitFor("● alice")
            #expect(try poll(room) { try text(log).contains("join carol") })
            let one = try room.start("--as", "carol")
            try one.waitFor("Online ")
            try one.type("\u{11}")
            _ = try one.waitForEnd()
            let bob = try room.enter("bob")
            try bob.waitFor("● carol")
            #expect(try on.wait(room).code == 0)
            #expect(try text(log) == "join carol\njoin bob\n")
            try SchemaCheck.expect(try text(log + ".json"), fits: "on", atLeast: 2)
        }

        @Test("on away runs a command when somebody says that they are, and not for others")
        func away() throws {
            let room = try TerminalRoom()
            let dan = try room.enter("dan")
            let carol = try room.enter("carol")
            try dan.waitFor("● carol")
            let log = room.home + "/log"
            let on = try BackgroundVerb(
                room, "on", "away", "dan", "--as", "alice", "--count", "1",
                "--exec", "echo \"$PARLEY_EVENT $PARLEY_EVENT_ID\" >>\(log); cat >>\(log).json")
            try dan.waitFor("● alice")
            try carol.type("/away\r")
            try dan.waitFor("◌ carol")
            try dan.type("/away lunch\r")
            #expect(try on.wait(room).code == 0)
            #expect(try text(log) == "away dan\n")
            try SchemaCheck.expect(try text(log + ".json"), fits: "on")
        }

        @Test("what the verbs about a desk print is what their schemas say")
        func deskSchemas() throws {
            let room = try TerminalRoom()
            let desk = try ServedDesk(room.folder)
            defer { desk.kill() }
            let added = try room.run("user", "add", "alice", "--data", room.home + "/desk")
            let token = try #require(added.lines.first)
            let login = try room.run("login", desk.url, "--json", input: token + "\n")
            try SchemaCheck.expect(login.output, fits: "login")
            let alice = try room.start(environment: ["PARLEY_URL": desk.url])
            try alice.waitFor("Online 1")
            let sessions = try room.run("sessions", "--url", desk.url, "--json")
            try SchemaCheck.expect(sessions.output, fits: "sessions")
            let session = try #require(sessions.lines.first)
            let id = try #require(JSON(parsing: String(session))["id"]?.string)
            let ended = try room.run("sessions", "end", id, "--url", desk.url, "--json")
            try SchemaCheck.expect(ended.output, fits: "sessions end")
            let backup = try room.run("backup", room.home + "/copy", "--data", room.home + "/desk", "--json")
            try SchemaCheck.expect(backup.output, fits: "backup")
        }

        @Test("tail --exec runs a command for each message, in order, and no foreign text is code")
        func tailExec() throws {
            let room = try TerminalRoom()
            _ = try room.enter("dan")
            let log = room.home + "/log"
            let evil = "$(touch \(room.home)/pwned) `touch \(room.home)/pwned` '; touch \(room.home)/pwned #"
            #expect(try room.run("send", "--as", "bob", "alice", evil).code == 0)
            for number in 1...5 { #expect(try room.run("send", "--as", "bob", "alice", "n\(number)").code == 0) }
            let tail = try room.run(
                "tail", "bob", "--as", "alice", "--since", "0", "--count", "6",
                "--exec",
                "[ \"$PARLEY_EVENT\" = message ] && echo \"$PARLEY_EVENT_SEQ $PARLEY_EVENT_TEXT\" >>\(log); true")
            #expect(tail.code == 0, "\(tail)")
            #expect(
                try text(log) == (["1 \(evil)"] + (1...5).map { "\($0 + 1) n\($0)" }).joined(separator: "\n") + "\n")
            #expect(!FileManager.default.fileExists(atPath: room.home + "/pwned"))
        }

        @Test("what verbs print is what their schemas say")
        func schemas() throws {
            let room = try TerminalRoom()
            let dan = try room.enter("dan")
            #expect(try room.run("send", "--as", "alice", "dan", "hi").code == 0)
            try dan.waitFor("(1)")
            for (verb, name, arguments) in [
                ("who", "who", ["--all"]), ("history", "history", ["dan"]), ("seen", "seen", ["dan"]),
                ("status", "status", []), ("keys", "keys", []), ("config", "config", []),
                ("config", "config --check", ["--check"]),
                ("config", "config --path", ["--path"]), ("schema", "schema", []),
                ("tail", "tail", ["dan", "--since", "0", "--count", "1", "--present"]),
            ] {
                let outcome = try Program.run(
                    [verb, "--as", "alice", "--json"].filter {
                        verb != "schema" || !["--as", "alice"].contains($0)
                    } + arguments, home: room.home)
                #expect(outcome.code == 0, "\(verb): \(outcome)")
                try SchemaCheck.expect(outcome.output, fits: name)
            }
            let folder = room.home + "/other"
            try SchemaCheck.expect(
                try room.run("user", "add", "eve", "--data", folder, "--json").output, fits: "user")
            try SchemaCheck.expect(try room.run("user", "list", "--data", folder, "--json").output, fits: "user")
        }

        @Test("an exported conversation is verified, imported into an empty desk, and exported the same again")
        func export() throws {
            let room = try TerminalRoom()
            for text in ["one", "two", "three"] { _ = try room.run("send", "--as", "alice", "bob", text) }
            let file = room.home + "/t.json"
            let exported = try room.run("export", "bob", "--as", "alice", "--format", "json", "--output", file)
            #expect(exported.code == 0, "\(exported)")
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            let verified = try room.run("export", "--verify", file)
            #expect(verified.code == 0 && verified.output.hasSuffix("3 messages in 1 conversation\n"), "\(verified)")
            let twice = try room.run("import", file)
            #expect(twice.code == 0 && twice.output.contains("imported before"), "\(twice)")
            let other = try TestFolder()
            let imported = try Program.run(["import", file, "--json"], home: other.path)
            #expect(imported.code == 0, "\(imported)")
            try SchemaCheck.expect(imported.output, fits: "import")
            let before = try room.run("history", "bob", "--as", "alice", "--json").output
            #expect(try Program.run(["history", "bob", "--as", "alice", "--json"], home: other.path).output == before)
            try text(file).replacing("two", with: "2wo").write(toFile: file, atomically: true, encoding: .utf8)
            let broken = try room.run("export", "--verify", file)
            #expect(broken.code == 65 && broken.errors.contains("line 3"), "\(broken)")
        }

        @Test("status is one line where there is a desk, and quietly 69 where there is none")
        func status() throws {
            let room = try TerminalRoom()
            let none = try room.run("status", "--as", "bob")
            #expect(none.code == 69 && none.output.isEmpty && none.errors.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: room.desk))
            _ = try room.enter("dan")
            _ = try room.run("send", "--as", "alice", "bob", "hi")
            let some = try room.run("status", "--as", "bob", "--format", "{unseen}/{conversations}/{online}")
            #expect(some.output == "1/1/1\n", "\(some)")
        }

        private func text(_ path: String) throws -> String {
            FileManager.default.fileExists(atPath: path) ? try String(contentsOfFile: path, encoding: .utf8) : ""
        }

        private func poll(_ room: TerminalRoom, _ condition: () throws -> Bool) throws -> Bool {
            let end = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < end {
                if try condition() { return true }
                try room.turn(until: .now + .milliseconds(20))
            }
            return false
        }
    }
}
