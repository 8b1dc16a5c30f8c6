import FoundationEssentials
import Glibc
import Testing

extension Runs {
    /// The colours asked for by number so far: `38;5;N`, `38:2:…` and the like count as they stand.
    private func colors(_ session: TerminalSession) -> Set<String> {
        var found: Set<String> = []
        let text = String(decoding: session.bytes, as: UTF8.self)
        for part in text.components(separatedBy: "\u{1B}[").dropFirst() {
            let numbers = part.prefix { $0.isNumber || $0 == ";" || $0 == ":" }
            guard part.dropFirst(numbers.count).first == "m" else { continue }
            let each = numbers.split(separator: ";").map(String.init)
            for (index, number) in each.enumerated() {
                if number == "38", each.count > index + 2, each[index + 1] == "5" { found.insert(each[index + 2]) }
                if let basic = Int(number), (30...37).contains(basic), !each.contains("38") { found.insert("\(basic)") }
                if number.hasPrefix("38:") { found.insert(number) }
            }
        }
        return found
    }

    @Test("a terminal that says its background is light gets colours that can be read there, and no text of the answer")
    func lightByAnswer() throws {
        let room = try TerminalRoom()
        let alice = try room.enter("alice")
        _ = try room.enter("bob")
        try alice.waitFor("● bob")
        #expect(alice.picture.groundQuestions == 1)
        #expect(colors(alice).contains("114") && !colors(alice).contains("22"))
        try alice.type("\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\")
        try alice.waitFor("green on white") { _ in colors(alice).contains("22") }
        #expect(!alice.picture.text.contains("rgb"))
        #expect(alice.foreign == [])
    }

    @Test("a theme in the settings asks nobody", arguments: [("light", "22"), ("dark", "114")])
    func themeBySetting(theme: String, green: String) throws {
        let room = try TerminalRoom()
        _ = try room.folder.write("[screen]\ntheme = \"\(theme)\"\n", to: ".config/parley/config.toml")
        let alice = try room.enter("alice")
        _ = try room.enter("bob")
        try alice.waitFor("green") { _ in colors(alice).contains(green) }
        #expect(alice.picture.groundQuestions == 0)
    }

    @Test("NO_COLOR and theme mono: not one colour, and everything is there", arguments: [true, false])
    func monochrome(byVariable: Bool) throws {
        let room = try TerminalRoom()
        if !byVariable {
            _ = try room.folder.write("[screen]\ntheme = \"mono\"\n", to: ".config/parley/config.toml")
        }
        let alice = try room.start("--as", "alice", environment: byVariable ? ["NO_COLOR": "1"] : [:])
        try alice.waitFor("Online 1")
        _ = try room.enter("bob")
        try alice.waitFor("● bob")
        #expect(colors(alice) == [])
        #expect(alice.picture.groundQuestions == 0)
        #expect(alice.foreign == [])
    }

    @Test("a terminal of sixteen million colours starts as fast as any and gets them")
    func directColor() throws {
        let room = try TerminalRoom()
        let source = """
            parley-direct|sixteen million colours for a test,
                RGB, colors#0x1000000, pairs#0x7FFF,
                setaf=\\E[%?%p1%{8}%<%t3%p1%d%e38:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m,
                setab=\\E[%?%p1%{8}%<%t4%p1%d%e48:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m,
                initc@, oc@, op=\\E[39;49m, use=xterm-256color,

            """
        let file = try room.folder.write(source, to: "direct.ti")
        let made = try Program.reap(
            Program.spawn(
                ["/usr/bin/tic", "-x", "-o", room.home + "/terminfo", file],
                environment: Program.environment(home: room.home)))
        try #require(made == 0)
        let alice = try room.start(
            "--as", "alice", environment: ["TERM": "parley-direct", "TERMINFO": room.home + "/terminfo"])
        try alice.waitFor("Online 1", within: .seconds(3))
        #expect(colors(alice).contains { $0.hasPrefix("38:2::") })
        let status = try String(contentsOfFile: "/proc/\(alice.program)/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.split(separator: " ").dropLast().last
        #expect(try #require(peak.flatMap { Int($0) }) < 120_000)
        try alice.type("\u{11}")
        #expect(try alice.waitForEnd() == 0)
    }

    @Test("links lead where they say, where the terminal has them, and only to the web", arguments: [true, false])
    func links(hasLinks: Bool) throws {
        let room = try TerminalRoom()
        let long = "https://example.org/" + String(repeating: "way/", count: 30) + "end"
        for text in [
            "see \(long) there", "javascript:alert(1) file:///etc/passwd", "https://x.org/\u{1B}]8;;evil\u{07}y",
        ] {
            #expect(try room.run("send", "--as", "bob", "alice", input: text).code == 0)
        }
        let alice = try room.start(
            "--as", "alice", "--with", "bob", environment: hasLinks ? ["VTE_VERSION": "7006"] : [:])
        try alice.waitFor("javascript")
        try alice.waitFor("local desk")
        // They are written after the picture, and some terminals get none.
        try alice.waitFor("the links") { $0.links == (hasLinks ? [long, "https://x.org/%1B]8;;evil%07y"] : []) }
        #expect(alice.picture.line(with: "see ") != nil)
        #expect(alice.foreign == [])
        // The list has them everywhere; without a program that opens them they go to the clipboard.
        try alice.type("\u{0F}")
        try alice.waitFor(" Links ")
        try alice.type("j\r")
        try alice.waitFor("sent to the terminal's clipboard")
        #expect(alice.picture.clipboard.count == 1)
    }

    @Test("a link is opened by the program that was named, and no shell reads its address")
    func opens() throws {
        let room = try TerminalRoom()
        let script = try room.folder.write("#!/bin/sh\nprintf '%s\\n' \"$2\" > \"$1\"\n", to: "open.sh")
        _ = chmod(script, 0o700)
        let opened = room.home + "/opened"
        mkfifo(opened, 0o600)
        let end = open(opened, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        defer { close(end) }
        _ = try room.folder.write(
            "[screen]\nopen_command = \"\(script) \(opened)\"\n", to: ".config/parley/config.toml")
        let address = "https://x.org/?a=$(touch${IFS}pwned)&b=`id`;c='d'e"
        #expect(try room.run("send", "--as", "bob", "alice", input: "go to \(address)").code == 0)
        let alice = try room.start("--as", "alice", "--with", "bob")
        try alice.waitFor("go to")
        try alice.type("\u{0F}\r")
        try alice.waitFor("opening https://x.org")
        var file = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
        try #require(poll(&file, 1, 10_000) == 1)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(end, &bytes, bytes.count)
        #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == address + "\n")
    }
}
