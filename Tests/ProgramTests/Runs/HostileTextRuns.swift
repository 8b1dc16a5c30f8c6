import Testing

extension Runs {
    /// Each would do something to a terminal, or to the reader, if it reached it as it is.
    private static let hostile = [
        "\u{1B}]2;pwned\u{07}", "\u{1B}]52;c;cHduZWQ=\u{07}", "\u{1B}[2J\u{1B}[H", "\u{1B}c", "\u{1B}[6n",
        "\u{9B}31m", "\u{9D}2;pwned\u{9C}", "\u{1B}P+q544e\u{1B}\\", "\u{202E}txt.exe", "\u{2066}x\u{200F}",
        "\r\u{0B}\u{08}\u{0C}",
    ]

    @Test("what a message holds for the terminal never reaches it, live, from history, line by line or from a verb")
    func sequences() throws {
        let room = try TerminalRoom()
        let bob = try room.start("--as", "bob", "--with", "mallory")
        try bob.waitFor("local desk (host)")
        for (number, text) in Self.hostile.enumerated() {
            let outcome = try room.run("send", "--as", "mallory", "bob", input: "<\(text)> number \(number)")
            #expect(outcome.code == 0 || outcome.code == 65, "\(text.debugDescription): \(outcome)")
            if outcome.code == 0 { try bob.waitFor("number \(number)") }
        }
        try bob.waitFor("number \(Self.hostile.count - 1)")
        expectHarmless(bob)
        try bob.type("\u{11}")
        _ = try bob.waitForEnd()
        let again = try room.start("--as", "bob")
        try again.waitFor("number \(Self.hostile.count - 1)")
        expectHarmless(again)
        let history = try room.run("history", "--as", "bob", "mallory")
        let tail = try room.run("history", "--as", "bob", "mallory", "--json")
        for text in [history.output, tail.output] {
            #expect(text.contains("number 0"))
            #expect(text.unicodeScalars.allSatisfy { !Self.isHarmful($0) })
        }
    }

    private func expectHarmless(_ session: TerminalSession) {
        #expect(session.foreign == [])
        #expect(!session.picture.title.contains("pwned") || session.picture.title.contains("^["))
        #expect(session.picture.clipboard == [])
        #expect(session.picture.links == [])
    }

    @Test("what somebody calls themselves never reaches the terminal, in the list, in a title, in a page or in typing")
    func names() throws {
        let room = try TerminalRoom()
        let desk = try ServedDesk(room.folder)
        defer { desk.kill() }
        var tokens: [String] = []
        for (number, text) in Self.hostile.enumerated() {
            let outcome = try room.run(
                "user", "add", "evil\(number)", "--name", "n\(number)\(text)", "--data", room.home + "/desk")
            #expect([0, 64, 65].contains(outcome.code), "\(outcome)")
            #expect(outcome.errors.unicodeScalars.allSatisfy { !Self.isHarmful($0) })
            if outcome.code == 0 { tokens.append(outcome.output.split(separator: "\n").map(String.init).first ?? "") }
        }
        let good = try room.run("user", "add", "good", "--data", room.home + "/desk")
        let url = "http://127.0.0.1:\(desk.port)"
        let alice = try room.start(
            "--with", "evil0",
            environment: ["PARLEY_URL": url, "PARLEY_TOKEN": String(good.output.split(separator: "\n")[0])])
        try alice.waitFor("Online 1")
        let others = try tokens.prefix(4).map { token in
            try room.start("--with", "good", environment: ["PARLEY_URL": url, "PARLEY_TOKEN": token])
        }
        try alice.waitFor("Online \(others.count + 1)")
        for other in others {
            try other.waitFor("good ● online")
            try other.type("x")
        }
        if !others.isEmpty { try alice.waitFor("typing…") }
        try alice.type("/who\r")
        try alice.waitFor("people are online")
        try alice.type("\u{1B}")
        try alice.waitForNo("people are online")
        try alice.type("\u{07}n0")
        try alice.waitFor("Go to")
        for session in [alice] + others { expectHarmless(session) }
        #expect(tokens.count + 1 >= others.count)
    }

    @Test("what a desk or an engine says of itself, of ids and of errors never reaches the terminal")
    func desk() throws {
        let room = try TerminalRoom()
        let served = try ServedDesk(room.folder, config: "[[apps]]\nid = \"1\"\nclient_events = false\n")
        defer { served.kill() }
        func token(_ id: String, name: String) throws -> String {
            let added = try room.run("user", "add", id, "--name", name, "--data", room.home + "/desk")
            return String(added.output.split(separator: "\n")[0])
        }
        let alice = try token("alice", name: "Alice")
        let mallory = try token("mallory", name: "Mallory")
        let spell = #"\u001b]2;pwned\u0007\u001b]52;c;cHduZWQ=\u0007\u009b31m\u202e"#
        func padded(_ text: String, _ count: Int) -> String { text + String(repeating: "x", count: count - text.count) }
        // What the engine says: who is here, by id or by name, and an error.
        let error = [
            "Client events are not enabled for this app": padded(#"\u001b]2;pwned\u0007\u009b31m"#, 42)
        ]
        let ids = try FaultyDesk(before: served.port, swaps: [#"\"mallory\""#: #"\"\\u009b\""#])
        let names = try FaultyDesk(
            before: served.port, swaps: error.merging([#"\"Mallory\""#: #"\"\\u001b\""#]) { $1 })
        // What the desk says in answers: everybody's id and name, conversations, and errors.
        let answers = try FaultyDesk(before: served.port) { answer in
            if answer.path.hasSuffix("/messages") && answer.status == 201 {
                answer.status = 400
                answer.body = #"{"error":{"code":"\#(spell)","message":"no \#(spell) please"}}"#
            } else if answer.path.hasPrefix("/api/users") || answer.path.hasPrefix("/api/conversations") {
                answer.body = answer.body.replacing("\"mallory\"", with: "\"m\(spell)\"")
                    .replacing("\"Mallory\"", with: "\"M\(spell)\"")
            } else if answer.path.hasPrefix("/api/search") {
                answer.status = 503
                answer.body = #"{"error":{"code":"busy","message":"later \#(spell)"}}"#
            }
        }
        for (proxy, online) in [(ids, "Online 1"), (names, "Online 2"), (answers, "Online 2")] {
            let environment = ["PARLEY_URL": "http://127.0.0.1:\(proxy.port)", "PARLEY_TOKEN": alice]
            let other = try room.start(environment: ["PARLEY_URL": served.url, "PARLEY_TOKEN": mallory])
            try other.waitFor("Online ")
            let session = try room.start("--with", "mallory", environment: environment)
            try session.waitFor(online)
            try session.type("hello\r")
            if proxy !== answers {
                try session.waitFor("✓")
            } else {
                try session.waitFor("please")
                try session.type("\u{1B}Shello")
                try session.waitFor("later")
                try session.type("\u{1B}")
                try session.waitForNo("later")
            }
            try session.type("\u{07}m")
            try session.waitFor("Go to")
            expectHarmless(session)
            for verb in [["who", "--all"], ["send", "mallory", "x"], ["history", "mallory"], ["status"], ["doctor"]] {
                let outcome = try Program.run(verb, home: room.home, environment: environment)
                #expect(
                    (outcome.output + outcome.errors).unicodeScalars.allSatisfy { !Self.isHarmful($0) }, "\(outcome)")
            }
            withExtendedLifetime(proxy) { session.hangUp() }
            other.hangUp()
        }
    }

    @Test("what stands in the settings or the environment is told of without being obeyed")
    func settings() throws {
        let room = try TerminalRoom()
        for line in [
            #"user = "a\u001b]2;pwned\u0007""#, #"url = "http://\u001b[2J.example""#, #"log_level = "\u009b31m""#,
            #"[screen]\ntheme = "\u202elight""#.replacing("\\n", with: "\n"), "\u{1B}]2;pwned\u{07} = 1", "[\u{9B}31m]",
        ] {
            _ = try room.folder.write(line + "\n", to: ".config/parley/config.toml")
            let outcome = try room.run("who")
            #expect(outcome.code == 78, "\(line): \(outcome)")
            #expect(outcome.errors.unicodeScalars.allSatisfy { !Self.isHarmful($0) }, "\(line): \(outcome.errors)")
            let alice = try room.start("--as", "alice")
            #expect(try alice.waitForEnd() == 78)
            expectHarmless(alice)
        }
    }

    private static func isHarmful(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0x0A: false
        case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    @Test("what the terminal sends that is no key becomes no text")
    func answers() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        for answer in [
            "\u{1B}[?62;1;6c", "\u{1B}[24;80R", "\u{1B}]11;rgb:0000/0000/0000\u{1B}\\", "\u{1B}P1+r544e=78\u{1B}\\",
            "\u{1B}[I", "\u{1B}[O", "\u{1B}[<35;10;10M", "\u{1B}[200~pasted\u{1B}[201~",
        ] {
            try alice.type(answer)
        }
        try alice.type("|end")
        try alice.waitFor("> pasted|end")
    }
}
