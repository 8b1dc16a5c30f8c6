import Foundation

/// `parley serve` on a free port, or on the one that another had before.
final class ServedDesk {
    let pid: pid_t
    let port: Int
    let url: String
    var isReaped = false
    /// For those who are started beside it: nothing to read, and nobody who reads.
    let nowhere: [Int32]
    /// There as long as the desk: it ends when its database is taken away.
    private let folder: TestFolder

    init(_ folder: TestFolder, config: String = "", app: (id: String, key: String) = ("1", "testkey"), port: Int = 0)
        throws
    {
        self.folder = folder
        let config = try folder.write(config, to: "serve.toml")
        let errors = try folder.write("", to: "errors")
        let file = open(errors, O_WRONLY | O_APPEND | O_CLOEXEC)
        let none = open("/dev/null", O_RDWR | O_CLOEXEC)
        nowhere = [none, none, none]
        defer { close(file) }
        pid = try Program.spawn(
            [
                Program.path, "serve", "--listen", "127.0.0.1:\(port)", "--data", folder.path + "/desk", "--app-id",
                app.id, "--app-key", app.key, "--config", config,
            ],
            environment: Program.environment(home: folder.path, ["PARLEY_APP_SECRET": "testsecret"]),
            files: [none, none, file])
        let limit = ContinuousClock.now + .seconds(15)
        while true {
            let text = try String(contentsOfFile: errors, encoding: .utf8)
            if text.hasSuffix("\n"),
                let line = text.split(separator: "\n").last(where: { $0.contains("listening on") }),
                let port = line.split(separator: ":").last.flatMap({ Int($0) })
            {
                self.port = port
                url = (line.contains("https://") ? "https" : "http") + "://127.0.0.1:\(port)"
                return
            }
            guard ContinuousClock.now < limit else { throw RunError("parley serve did not start: \(text)") }
            poll(nil, 0, 10)
        }
    }

    deinit { close(nowhere[0]) }

    /// Asks it to end, and waits for that.
    func end() -> Int32 {
        isReaped = true
        Foundation.kill(pid, SIGTERM)
        return Program.reap(pid)
    }

    func kill() {
        guard !isReaped else { return }
        isReaped = true
        Foundation.kill(pid, SIGKILL)
        _ = Program.reap(pid)
    }
}
