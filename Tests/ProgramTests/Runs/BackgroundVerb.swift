import Foundation

/// A verb that runs beside what else a test does.
final class BackgroundVerb {
    private let pid: pid_t
    private let folder: TestFolder
    private var isReaped = false

    /// Beside the terminals of a room.
    convenience init(_ room: TerminalRoom, _ arguments: String...) throws {
        try self.init(command: [Program.path] + arguments, home: room.home, [:])
    }

    convenience init(folder: TestFolder, _ arguments: [String], _ environment: [String: String?]) throws {
        try self.init(command: [Program.path] + arguments, home: folder.path, environment)
    }

    init(command: [String], home: String, _ environment: [String: String?]) throws {
        let folder = try TestFolder()
        self.folder = folder
        let files = try ["input", "output", "errors"].map {
            open(try folder.write("", to: $0), O_RDWR | O_APPEND | O_CLOEXEC)
        }
        defer { files.forEach { close($0) } }
        pid = try Program.spawn(
            command, environment: Program.environment(home: home, environment), files: files)
    }

    deinit { kill() }

    func kill() {
        guard !isReaped else { return }
        isReaped = true
        Foundation.kill(pid, SIGKILL)
        _ = Program.reap(pid)
    }

    /// Waits for its end while the terminals of the room are read.
    func wait(_ room: TerminalRoom, within limit: Duration = .seconds(20)) throws -> Program.Outcome {
        try wait(limit) { try room.turn(until: .now + .milliseconds(20)) }
    }

    var hasEnded: Bool { Program.state(of: pid) == "Z" }

    func waitForEnd(within limit: Duration = .seconds(20)) throws -> Program.Outcome {
        try wait(limit) { poll(nil, 0, 10) }
    }

    func waitForOutput(_ text: String, within limit: Duration = .seconds(20)) throws {
        let end = ContinuousClock.now + limit
        while try !self.text("output").contains(text) {
            guard .now < end, Program.state(of: pid) != "Z" else {
                throw RunError("waited for \(text): \(try outcome(0))")
            }
            poll(nil, 0, 10)
        }
    }

    func output() throws -> String { try text("output") }

    private func wait(_ limit: Duration, _ pause: () throws -> Void) throws -> Program.Outcome {
        let end = ContinuousClock.now + limit
        while Program.state(of: pid) != "Z" {
            guard .now < end else { throw RunError("a verb did not end: \(try outcome(0))") }
            try pause()
        }
        isReaped = true
        return try outcome(Program.reap(pid))
    }

    private func outcome(_ code: Int32) throws -> Program.Outcome {
        Program.Outcome(code: code, output: try text("output"), errors: try text("errors"))
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
    }
}
