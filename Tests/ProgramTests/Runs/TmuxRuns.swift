import CTerminal
import FoundationEssentials
import Glibc
import Screen
import Testing

extension Runs {
    @Test("in tmux: the title is the window's, copied text reaches the outer terminal, a new size a right frame")
    func tmux() throws {
        let room = try TerminalRoom()
        let tmux = try Tmux(room)
        defer { tmux.end() }
        #expect(try room.run("send", "--as", "bob", "alice", "copy this").code == 0)
        let client = try room.start(
            command: tmux.command(["new-session", "\(Program.path) --as alice --with bob"]), columns: 90, rows: 24)
        try client.waitFor("copy this")
        try client.waitFor("the frame") { $0.lines[0].hasPrefix("┌ Online 1") && $0.lines[0].hasSuffix("┐") }
        #expect(try tmux.run("display-message", "-p", "#{pane_title}").hasSuffix("parley\n"))
        try client.type("\u{1B}j")
        try client.waitFor("a selected message") { $0.lines.contains { $0.contains("│> ") || $0.contains("│>") } }
        try client.type("y")
        try client.waitFor("the clipboard") { $0.clipboard.contains("Y29weSB0aGlz") }
        client.resize(110, 30)
        try client.waitFor("the frame of that size") { picture in
            picture.lines.count == 30 && picture.lines[0].hasPrefix("┌ Online 1") && picture.lines[0].hasSuffix("┐")
                && picture.lines[29].hasSuffix("┘") && picture.lines[15].hasSuffix("│")
        }
        let shown = try tmux.run("capture-pane", "-p").split(separator: "\n")
        #expect(shown.first?.count == 110 && shown.last?.contains("local desk") == true)
        try client.type("\u{11}")
        #expect(try client.waitForEnd() == 0)
    }

    @Test("doctor asks tmux for widths, and says what it could be set to")
    func doctorInTmux() throws {
        let room = try TerminalRoom()
        let tmux = try Tmux(room)
        defer { tmux.end() }
        let client = try room.start(
            command: tmux.command(["new-session", "\(Program.path) doctor; read -r line"]), columns: 200, rows: 24)
        try client.waitFor("payload")
        let line = try #require(client.picture.line(with: "terminal"))
        #expect(line.contains("widths as counted here") && line.contains("set -g focus-events on lets it"))
        #expect(!line.contains("allow-passthrough"))
    }

    @Test("tmux moves its cursor by as many columns as are counted here, for every character that can be shown")
    func widthsInTmux() throws {
        let room = try TerminalRoom()
        let tmux = try Tmux(room)
        defer { tmux.end() }
        let samples = Self.widthSamples()
        let text = samples.map { "\r\($0.text)\u{1B}[6n" }.joined()
        let file = try room.folder.write(text, to: "samples")
        let answers = room.home + "/answers"
        mkfifo(answers, 0o600)
        let end = open(answers, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        defer { close(end) }
        let script = try room.folder.write("stty raw -echo\ncat \(file) &\nexec cat > \(answers)\n", to: "ask.sh")
        _ = try tmux.run("new-session", "-d", "-x", "80", "-y", "24", "sh \(script)")
        var columns: [Int] = []
        var rest: [UInt8] = []
        while columns.count < samples.count {
            var ready = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            try #require(poll(&ready, 1, 20_000) == 1, "tmux answered \(columns.count) of \(samples.count)")
            var part = [UInt8](repeating: 0, count: 64 * 1024)
            rest += part[..<max(0, read(end, &part, part.count))]
            while let stop = rest.firstIndex(of: UInt8(ascii: "R")) {
                let answer = String(decoding: rest[..<stop], as: UTF8.self)
                columns.append(answer.split(separator: ";").last.flatMap { Int($0) } ?? 0)
                rest.removeFirst(stop + 1)
            }
        }
        let others = zip(samples, columns).filter { $0.columns != $1 - 1 }
        #expect(others.isEmpty, "\(others.prefix(20))")
    }

    /// What is written for one character of each kind, and the columns it is counted for.
    private static func widthSamples() -> [(text: String, columns: Int)] {
        _ = ct_use_locale()
        var texts = ["e\u{301}", "🇩🇪", "👍🏽", "👨‍👩‍👧", "❤️", "한", "\u{1112}\u{1161}\u{11AB}", "क्ष", "น้ำ", "שָׁ", "1️⃣"]
        for value in UInt32(0xA1)...0x1_FAFF {
            // Ideographs and Hangul are alike: every hundredth of them is enough.
            guard !(0x3400...0xF8FF).contains(value) || value % 97 == 0 else { continue }
            if let scalar = Unicode.Scalar(value) { texts.append(String(scalar)) }
        }
        return texts.compactMap { text in
            let columns = TextWidth.of(text)
            var screen = Screen(size: ScreenSize(80, 1))
            _ = screen.draw { $0.put(text, at: 0, 0) }
            let shown = (0..<columns).map { screen[$0, 0].text }.joined()
            // What the C library cannot print is written as question marks.
            let isPrinted = shown.unicodeScalars.allSatisfy { ct_width($0.value) >= 0 }
            return shown.isEmpty || shown.hasPrefix("<") || !isPrinted ? nil : (shown, columns)
        }
    }
}

/// A tmux server of a test's own.
private final class Tmux {
    private let room: TerminalRoom
    private let socket: String
    private let settings: String

    init(_ room: TerminalRoom) throws {
        self.room = room
        socket = room.home + "/tmux"
        settings = try room.folder.write(
            "set -g status off\nset -g allow-passthrough on\nset -g default-terminal tmux-256color\nset -sg escape-time 0\n",
            to: "tmux.conf")
    }

    func command(_ arguments: [String]) -> [String] {
        ["/usr/bin/tmux", "-u", "-S", socket, "-f", settings] + arguments
    }

    func run(_ arguments: String...) throws -> String {
        let output = try room.folder.write("", to: "tmux.out")
        let file = Glibc.open(output, O_RDWR | O_TRUNC | O_CLOEXEC)
        let none = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { [file, none].forEach { close($0) } }
        let code = try Program.reap(
            Program.spawn(
                command(arguments), environment: Program.environment(home: room.home), files: [none, file, file]))
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard code == 0 else { throw RunError("tmux \(arguments): \(text)") }
        return text
    }

    func end() { _ = try? run("kill-server") }
}
