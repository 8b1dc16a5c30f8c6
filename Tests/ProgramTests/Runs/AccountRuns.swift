import Foundation
import Testing

extension Runs {
    /// One home with an account at each of two desks, and others that lead nowhere.
    @Suite("several accounts")
    struct AccountRuns {
        private let room: TerminalRoom
        private let here: ServedDesk
        private let there: ServedDesk
        private let hereFolder: TestFolder
        private let thereFolder: TestFolder
        private let tokens: [String: String]

        init() throws {
            room = try TerminalRoom()
            (hereFolder, thereFolder) = try (TestFolder(), TestFolder())
            (here, there) = try (ServedDesk(hereFolder), ServedDesk(thereFolder))
            var tokens: [String: String] = [:]
            for (folder, users) in [(hereFolder, ["alice", "bob", "dan"]), (thereFolder, ["ada", "carol"])] {
                for user in users { tokens[user] = try Program.add(user, folder) }
            }
            self.tokens = tokens
            try room.folder.write(
                """
                url = "\(here.url)"
                token = "\(tokens["alice"]!)"

                [accounts.work]
                url = "\(there.url)"
                token = "\(tokens["ada"]!)"

                [accounts.gone]
                url = "http://127.0.0.1:9"
                token = "x"

                [accounts.wrong]
                url = "\(there.url)"
                token = "wrong"

                [accounts.bare]
                url = "\(there.url)"

                [accounts.home]
                url = ""
                """, to: ".config/parley/config.toml")
        }

        private func end() {
            here.kill()
            there.kill()
        }

        /// Somebody else, at their own computer.
        private func say(_ user: String, _ peer: String, _ text: String, at desk: ServedDesk, _ folder: TestFolder)
            throws
        {
            let said = try Program.run(
                ["send", peer, text, "--url", desk.url], home: folder.path, environment: ["PARLEY_TOKEN": tokens[user]])
            #expect(said.code == 0, "\(said)")
        }

        private func history(_ user: String, _ peer: String, at desk: ServedDesk, _ folder: TestFolder) throws -> String
        {
            try Program.run(
                ["history", peer, "--url", desk.url], home: folder.path, environment: ["PARLEY_TOKEN": tokens[user]]
            ).output
        }

        /// Until it is stored: what is under way when one goes on as another waits until one is back.
        private func wait(_ text: String, in history: () throws -> String) throws {
            let limit = ContinuousClock.now + .seconds(10)
            while try !history().contains(text) {
                guard .now < limit else { throw RunError("\(text) is not stored") }
            }
        }

        @Test("one goes to and fro; draft and place are kept, and what came meanwhile is there unseen")
        func toAndFro() throws {
            defer { end() }
            let me = try room.start()
            try me.waitFor("default: \(here.url)")
            try me.waitFor("the title") { $0.title == "parley default" }
            try me.type("/query bob\r")
            try me.waitFor("┬ bob")
            try me.type("good morning\r")
            try me.waitFor("✓")
            try me.type("half a thought")
            try me.waitFor("half a thought")
            try me.type("\u{1B}x")
            try me.type("as account work\r")
            try me.waitFor("work: \(there.url)")
            try me.waitFor("you  ada")
            try me.waitFor("the title") { $0.title == "parley work" }
            #expect(!me.picture.text.contains("half a thought") && !me.picture.text.contains("bob"))

            try me.type("/msg carol on my way\r")
            try wait("on my way") { try history("carol", "ada", at: there, thereFolder) }
            try say("dan", "alice", "are you there?", at: here, hereFolder)
            try say("bob", "alice", "morning!", at: here, hereFolder)
            try me.type("/account default\r")
            try me.waitFor("default: \(here.url)")
            try me.waitFor("half a thought")
            try me.waitFor("morning!")
            try me.waitFor("a badge") { $0.line(with: " dan ")?.contains("(1)") == true }
            #expect(me.picture.text.contains("good morning") && !me.picture.text.contains("you  ada"))
            #expect(try history("carol", "ada", at: there, thereFolder).contains("on my way"))

            // As one resizes and changes one's mind.
            try me.type("\u{1B}xas account work\r")
            me.resize(100, 30)
            try me.waitFor("you  ada")
            try me.type("/account default\r")
            try me.waitFor("half a thought")
            try me.type("\u{1B}xas account work\r/account default\r\u{1B}xas account work\r/account default\r")
            me.resize(80, 24)
            try me.waitFor("the draft") { $0.text.contains("half a thought") && $0.text.contains("default: ") }
            try me.type("\u{11}")
            #expect(try me.waitForEnd() == 0)
            #expect(me.isAsBefore && me.foreign == [])
            let again = try room.start("--account", "work")
            try again.waitFor("work: \(there.url)")
            try again.type("/quit\r")
            #expect(try again.waitForEnd() == 0)
        }

        @Test("what waits to be sent waits for its account, and goes out once when one is back as that")
        func queue() throws {
            defer { end() }
            let me = try room.start("--with", "bob")
            try me.waitFor("bob ○ offline")
            #expect(here.end() == 0)
            try me.waitFor("default: offline")
            try me.type("written in the dark\r")
            try me.waitFor("1 to be sent")
            try me.type("/account work\r")
            try me.waitFor("you  ada")
            #expect(!me.picture.text.contains("to be sent"))
            let back = try ServedDesk(hereFolder, port: here.port)
            defer { back.kill() }
            try me.type("/msg carol hello\r")
            try wait("hello") { try history("carol", "ada", at: there, thereFolder) }
            try me.type("/account default\r")
            try me.waitFor("✓")
            try me.type("\u{11}")
            #expect(try me.waitForEnd() == 0)
            let said = try history("bob", "alice", at: back, hereFolder)
            #expect(said.components(separatedBy: "written in the dark").count == 2, "\(said)")
            #expect(try history("carol", "ada", at: there, thereFolder).components(separatedBy: "hello").count == 2)
        }

        @Test(
            "one that cannot be reached, is refused or cannot be opened says so, keeps what is written, and can be left"
        )
        func trouble() throws {
            defer { end() }
            try room.folder.write("in the way", to: ".local/share/parley")
            let me = try room.start("--with", "bob")
            try me.waitFor("bob ○ offline")
            try me.type("my draft")
            for (account, words) in [
                ("gone", "gone: offline"), ("wrong", "wrong: refused: "), ("home", "home: offline"),
            ] {
                try me.type("\u{1B}xas account \(account)\r")
                try me.waitFor(words)
                if account == "home" {
                    me.resize(300, 24)
                    try me.waitFor("is no folder")
                    me.resize(80, 24)
                }
                #expect(!me.picture.text.contains("my draft"))
                try me.type("/account default\r")
                try me.waitFor("default: \(here.url)")
                try me.waitFor("my draft")
            }
            try me.type("\u{1B}xas account bare\r")
            try me.waitFor("account bare: there is no token for it; run parley login --account bare")
            try me.type("\u{1B}")
            try me.waitFor("my draft")
            try me.type("\u{15}/account nowhere\r")
            try me.waitFor("there is no account nowhere; there are default, work")
            try me.type("\u{03}\u{11}")
            #expect(try me.waitForEnd() == 0)
            #expect(me.isAsBefore)
        }

        @Test("settings that have become wrong meanwhile are told, and one stays who one is")
        func brokenFile() throws {
            defer { end() }
            let me = try room.start("--with", "bob")
            try me.waitFor("bob ○ offline")
            try room.folder.write("[accounts.work]\nulr = 3\n", to: ".config/parley/config.toml")
            try me.type("/account work\r")
            try me.waitFor("accounts.work.ulr is no setting; did you mean")
            try me.type("q")
            try me.type("still here\r")
            try me.waitFor("✓")
            try me.type("\u{11}")
            #expect(try me.waitForEnd() == 0)
        }

        @Test("line by line one goes on as another in a terminal, and back from one that is refused")
        func lines() throws {
            defer { end() }
            let me = try room.start("--linear", columns: 200)
            try me.waitFor("Type /who")
            try me.type("/account\n")
            try me.waitFor("default  (this one)")
            try me.type("/account work\n/query carol\nhello carol\n")
            try me.waitFor("You are now account work.")
            try me.waitFor("You to carol: hello carol (sent)")
            for (account, words) in [("wrong", "run parley login --account wrong"), ("gone", "127.0.0.1:9")] {
                try me.type("/account \(account)\n")
                try me.waitFor("You are now account \(account).")
                try me.waitFor(words)
                try me.type("/account default\n")
                try me.waitFor("back") { picture in
                    let lines = picture.lines.map { String($0) }
                    guard let here = lines.lastIndex(where: { $0.contains("You are now account default.") }),
                        let gone = lines.lastIndex(where: { $0.contains("You are now account \(account).") })
                    else { return false }
                    return here > gone && lines[here...].contains { $0.contains("Type /who") }
                }
                try me.type("\n")
            }
            try me.type("/quit\n")
            #expect(try me.waitForEnd() == 0)
            #expect(me.isAsBefore)
        }

        @Test("through a pipe each line goes to the account it stands behind")
        func pipes() throws {
            defer { end() }
            let outcome = try room.run(
                "--linear",
                input:
                    "/query bob\nfor bob\n/account work\n/query carol\nfor carol\n/account default\n/query dan\nfor dan\n"
            )
            #expect(outcome.code == 0, "\(outcome)")
            #expect(try history("bob", "alice", at: here, hereFolder).contains("for bob"))
            #expect(try history("dan", "alice", at: here, hereFolder).contains("for dan"))
            #expect(try history("carol", "ada", at: there, thereFolder).contains("for carol"))
            for account in ["bare", "wrong"] {
                let refused = try room.run("--linear", "--with", "bob", input: "/account \(account)\nnever\n")
                #expect(refused.code == 77 && refused.errors.contains("login --account \(account)"), "\(refused)")
            }
            #expect(try !history("bob", "alice", at: here, hereFolder).contains("never"))
        }

        @Test("verbs take an account, say which one it is, and refuse one that is none")
        func verbs() throws {
            defer { end() }
            for way in [["send", "--account", "work"], ["--account", "work", "send"], ["--account=work", "send"]] {
                let sent = try Program.run(way + ["carol", "by a verb"], home: room.home)
                #expect(sent.code == 0, "\(sent)")
            }
            #expect(try room.run("send", "carol", "x").code == 67)
            #expect(try room.run("history", "carol", "--account", "work").lines.count == 3)
            #expect(try room.run("who", "--all", "--account", "work").output.contains("carol"))
            #expect(
                try room.run("tail", "carol", "--since", "2", "--count", "1", "--account", "work").output.contains(
                    "by a verb"))
            let status = try room.run("status", "--account", "work", "--format", "{account} {user}")
            #expect(status.output == "work ada\n", "\(status)")
            #expect(try room.run("status", "--json").output.contains(#""account":"default""#))
            let doctor = try room.run("doctor", "--account", "work")
            #expect(
                doctor.output.contains("; account work (--account)") && doctor.output.contains("you are ada"),
                "\(doctor)")
            let config = try Program.run(["config"], home: room.home, environment: ["PARLEY_ACCOUNT": "work"])
            for line in [
                "account = \"work\"  # environment PARLEY_ACCOUNT", "url = \"\(there.url)\"", "token = \"(hidden)\"",
                "accounts.gone.url = \"http://127.0.0.1:9\"", "accounts.wrong.token = \"(hidden)\"",
            ] {
                #expect(config.output.contains(line), "\(line): \(config.output)")
            }
            for verb in [
                ["send", "bob", "x"], ["who"], ["tail"], ["status"], ["history", "bob"], ["doctor"], ["config"], [],
            ] {
                let refused = try Program.run(verb + ["--account", "a\u{202E}b"], home: room.home)
                #expect(refused.code == 78, "\(verb): \(refused)")
                let words = refused.errors + refused.output
                #expect(words.contains("there is no account") && words.contains("default, work, gone"), "\(refused)")
                #expect(!words.unicodeScalars.contains { $0.value == 0x202E })
            }
            for name in ["", "a\u{1B}[31m"] {
                let refused = try room.run("who", "--account", name)
                #expect(refused.code == 64 && !refused.errors.utf8.contains(0x1B), "\(refused)")
            }
        }

        @Test(
            "a token that is kept for one account is no other's, nor that of the environment for one that a flag names")
        func login() throws {
            defer { end() }
            let none = try Program.run(
                ["who", "--account", "bare"], home: room.home, environment: ["PARLEY_TOKEN": tokens["alice"]])
            #expect(none.code == 77 && none.errors.contains("account bare: there is no token for it"), "\(none)")
            let other = try room.run("login", here.url, "--account", "bare", input: tokens["alice"]! + "\n")
            #expect(other.code == 64 && other.errors.contains("account bare is at \(there.url)"), "\(other)")
            let wrong = try room.run("login", "--account", "bare", input: "nonsense\n")
            #expect(wrong.code == 77, "\(wrong)")
            let kept = try room.run("login", "--account", "bare", input: tokens["carol"]! + "\n")
            #expect(kept.code == 0 && kept.output == "signed in as carol at \(there.url)\n", "\(kept)")
            #expect(try room.run("status", "--account", "bare", "--format", "{user}").output == "carol\n")
            #expect(try room.run("status", "--account", "work", "--format", "{user}").output == "ada\n")
            #expect(try room.run("status", "--format", "{user}").output == "alice\n")
            let file = try String(
                contentsOfFile: room.home + "/.local/state/parley/credentials.toml", encoding: .utf8)
            #expect(file.contains("\"\(there.url)#bare\" = "))
            #expect(try room.folder.mode(of: ".local/state/parley/credentials.toml") == 0o600)
            #expect(try room.run("who", "--url", there.url).code == 77)
            let lost = try Program.run(["login"], home: hereFolder.path)
            #expect(lost.code == 64 && lost.errors.contains("URL is missing"), "\(lost)")
        }

        @Test("one goes on from a desk to a desk whose engine is elsewhere, to an application without one, and back")
        func everyPlace() throws {
            defer { end() }
            let folder = try TestFolder()
            let desk = try ServedDesk(folder, config: "[desk]\nengine_url = \"\(there.url)\"\n")
            defer { desk.kill() }
            let token = try Program.add("eve", folder)
            try room.folder.write(
                """
                url = "\(here.url)"
                token = "\(tokens["alice"]!)"
                [accounts.elsewhere]
                url = "\(desk.url)"
                token = "\(token)"
                [accounts.app]
                user = "ada"
                token = "\(tokens["ada"]!)"
                [accounts.app.channels]
                key = "testkey"
                host = "127.0.0.1"
                port = \(there.port)
                tls = false
                auth_endpoint = "\(there.url)/pusher/auth"
                """, to: ".config/parley/config.toml")
            let me = try room.start()
            try me.waitFor("you  alice")
            for (account, user) in [("elsewhere", "eve"), ("app", "ada"), ("default", "alice")] {
                try me.type("/account \(account)\r")
                try me.waitFor("you  \(user)")
                try me.waitFor("Online 1")
                try me.waitFor("\(account): ")
            }
            let status = try room.run("status", "--account", "app", "--format", "{account} {user}")
            #expect(status.output == "app ada\n", "\(status)")
            try me.type("\u{11}")
            #expect(try me.waitForEnd() == 0)
            #expect(me.isAsBefore && me.foreign == [])
        }

        @Test("at the local desk, whoever hosts hands over and is somebody else a moment later; nobody else notices")
        func local() throws {
            end()
            try room.folder.write(
                "user = \"alice\"\n[accounts.other]\nuser = \"oscar\"\n", to: ".config/parley/config.toml")
            let me = try room.start()
            try me.waitFor("default: local desk")
            let bob = try room.enter("bob", title: "Online 2")
            try me.waitFor("Online 2")
            try me.type("/query bob\r")
            try me.waitFor("┬ bob")
            try me.type("hello\r")
            try bob.waitFor("a badge") { $0.line(with: " alice ")?.contains("(1)") == true }
            try me.type("/account other\r")
            try me.waitFor("other: local desk")
            try bob.waitFor("● oscar")
            try bob.type("/query alice\r")
            try bob.waitFor("┬ alice")
            try bob.type("are you gone?\r")
            try bob.waitFor("are you gone?")
            try bob.waitFor("✓")
            try me.type("/account default\r")
            try me.waitFor("are you gone?")
            try bob.waitFor("✓✓")
            try bob.waitForNo("● oscar")
            for each in [me, bob] {
                try each.type("\u{11}")
                #expect(try each.waitForEnd() == 0)
                #expect(each.isAsBefore)
            }
        }
    }
}
