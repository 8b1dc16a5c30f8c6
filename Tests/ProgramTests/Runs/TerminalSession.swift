import Glibc

/// One terminal with the program in it, started as a shell starts a job: in a process group of its own, in the foreground,
/// so that it can be stopped, and so that what it leaves behind can be looked at.
final class TerminalSession {
    let name: String
    private(set) var picture: TerminalPicture
    /// Everything written so far; a program that never stops is cut off.
    private(set) var bytes: [UInt8] = []
    private(set) var shell: pid_t = 0
    /// The program's, once it has been in the foreground.
    private(set) var program: pid_t = 0
    /// Both are open while the terminal is; the second keeps it one when nobody else has it.
    fileprivate private(set) var master: Int32 = -1
    private var slave: Int32 = -1
    private unowned let room: TerminalRoom

    private static let mostBytes = 8 << 20

    /// Says how the program ended, and after a stop waits for Enter to bring it back.
    private static let job = """
        set -m
        "$@"
        code=$?
        while [ $code -ge \(128 + SIGSTOP) ] && [ $code -le \(128 + SIGTTOU) ]; do
            printf '<stopped>\\n'
            read -r line
            fg >/dev/null
            code=$?
        done
        printf '<ended %d>\\n' $code
        read -r line
        """

    fileprivate init(
        _ name: String, _ command: [String], environment: [String: String], columns: Int, rows: Int, room: TerminalRoom
    ) throws {
        self.name = name
        self.room = room
        picture = TerminalPicture(columns: columns, rows: rows)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        var path = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &path, nil, &size) == 0 else { throw RunError("no terminal to be had") }
        for file in [master, slave] { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        let terminal = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        shell = try Program.spawn(
            ["/bin/sh", "-c", Self.job, "sh"] + command, environment: environment, terminal: terminal)
    }

    // MARK: What a person does

    func type(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                try room.turn(until: .now + .milliseconds(50))
            } else if errno != EINTR {
                throw RunError("\(name): cannot type")
            }
        }
    }

    func resize(_ columns: Int, _ rows: Int) {
        picture.resize(columns: columns, rows: rows)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    func send(_ signal: Int32) throws {
        guard program > 0 else { throw RunError("\(name): is not known to run") }
        kill(program, signal)
    }

    /// Closes the window, the network line, the laptop.
    func hangUp() {
        for file in [master, slave] where file >= 0 { close(file) }
        (master, slave) = (-1, -1)
    }

    // MARK: What a person sees

    func waitFor(_ text: String, within limit: Duration = .seconds(10)) throws {
        try waitFor("\"\(text)\"", within: limit) { $0.text.contains(text) }
    }

    func waitForNo(_ text: String, within limit: Duration = .seconds(10)) throws {
        try waitFor("the end of \"\(text)\"", within: limit) { !$0.text.contains(text) }
    }

    func waitFor(
        _ what: String, within limit: Duration = .seconds(10), _ condition: (TerminalPicture) -> Bool
    ) throws {
        let end = ContinuousClock.now + limit
        while !condition(picture) {
            guard .now < end else {
                throw RunError("\(name): waited for \(what); there is\n\(picture.text)\n\(situation)")
            }
            guard bytes.count < Self.mostBytes else { throw RunError("\(name): writes without end") }
            try room.turn(until: end)
        }
    }

    private var situation: String {
        let screen = picture.isMainScreen ? "main" : "alternate"
        let state = Program.state(of: program).map(String.init) ?? "gone"
        return "\(screen) screen, \(isCooked ? "cooked" : "raw"), modes \(picture.modes.sorted()), process \(state)"
    }

    /// Waits until the program has ended, and says how.
    func waitForEnd(within limit: Duration = .seconds(10)) throws -> Int? {
        try waitFor("the end", within: limit) { $0.text.contains("<ended ") }
        return picture.line(with: "<ended ").flatMap {
            Int($0.split(separator: "<ended ").last?.prefix { $0 != ">" } ?? "")
        }
    }

    /// The modes that a shell's user expects: lines, echo, signals by keys.
    var isCooked: Bool {
        var modes = termios()
        guard tcgetattr(slave, &modes) == 0 else { return false }
        let local = tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        return modes.c_lflag & local == local && modes.c_iflag & tcflag_t(ICRNL) != 0
            && modes.c_oflag & tcflag_t(OPOST | ONLCR) == tcflag_t(OPOST | ONLCR)
    }

    /// Cooked, on the main screen, with a cursor, and none of the modes set that the full screen sets.
    var isAsBefore: Bool { isCooked && picture.modes.subtracting([7, 12]) == [25] && picture.ordersText }

    /// What was written and cannot have been meant for a terminal.
    var foreign: [String] { picture.foreign }

    // MARK: For the room

    fileprivate func take() {
        var part = [UInt8](repeating: 0, count: 64 * 1024)
        let count = read(master, &part, part.count)
        guard count > 0 else { return }
        bytes += part[..<count]
        picture.feed(part[..<count])
        let group = tcgetpgrp(master)
        if program == 0, group > 0, group != shell { program = group }
    }

    fileprivate func end() {
        if program > 0 { kill(-program, SIGKILL) }
        if shell > 0 {
            kill(-shell, SIGKILL)
            _ = Program.reap(shell)
        }
        hangUp()
    }
}

/// One home and the terminals on it. Waiting for one reads them all, so that none stands still with a full pipe.
final class TerminalRoom {
    let folder: TestFolder
    private var sessions: [TerminalSession] = []

    init() throws { folder = try TestFolder() }

    deinit { sessions.forEach { $0.end() } }

    var home: String { folder.path }
    var desk: String { folder.path + "/.local/share/parley" }

    /// Starts the program with `arguments`.
    func start(
        _ arguments: String..., environment: [String: String?] = [:], columns: Int = 80, rows: Int = 24
    ) throws -> TerminalSession {
        try start(command: [Program.path] + arguments, environment: environment, columns: columns, rows: rows)
    }

    func start(
        command: [String], environment: [String: String?] = [:], columns: Int = 80, rows: Int = 24
    ) throws -> TerminalSession {
        let session = try TerminalSession(
            command.dropFirst().last ?? "parley", command, environment: Program.environment(home: home, environment),
            columns: columns, rows: rows, room: self)
        sessions.append(session)
        return session
    }

    /// Starts it as `user` and waits until that one is online.
    ///
    /// - Parameter title: what stands above the list then.
    func enter(_ user: String, title: String = "Online ", columns: Int = 80, rows: Int = 24) throws -> TerminalSession {
        let session = try start("--as", user, columns: columns, rows: rows)
        try session.waitFor(title)
        return session
    }

    /// Runs a verb to its end. Nobody reads the terminals meanwhile; a verb is short.
    func run(_ arguments: String..., input: String = "") throws -> Program.Outcome {
        try Program.run(arguments, home: home, input: input)
    }

    /// Waits until one of the terminals was written to, and takes what came.
    func turn(until end: ContinuousClock.Instant) throws {
        let open = sessions.filter { $0.master >= 0 }
        var files = open.map { pollfd(fd: $0.master, events: Int16(POLLIN), revents: 0) }
        guard poll(&files, nfds_t(files.count), Int32(clamping: Program.milliseconds(until: end) + 1)) > 0 else {
            return
        }
        for (session, file) in zip(open, files) where file.revents & Int16(POLLIN) != 0 { session.take() }
    }
}
