import Glibc
import Synchronization
import Terminal

/// An external editor at work on a draft. It has the terminal; everything else goes on meanwhile.
final class EditorRun: Sendable {
    private let path: String
    private let hasEnded = Mutex<Bool>(false)

    /// Starts `$VISUAL`, `$EDITOR` or `vi` on a file of this user's alone. The screen must have been given back.
    init(draft: String, folder: String, _ environment: ChildEnvironment) throws(Failure) {
        try SmallFile.makeFolder(folder)
        path = "\(folder)/draft-\(getpid()).txt"
        // What a process of the same number left.
        unlink(path)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(.cannotWrite, "\(path): cannot be written (\(systemText(errno)))") }
        let bytes = Array(draft.utf8)
        let written = write(file, bytes, bytes.count)
        close(file)
        guard written == bytes.count else {
            throw Failure(.cannotWrite, "\(path): cannot be written (\(systemText(errno)))")
        }
        let names: [String] = ["VISUAL", "EDITOR"]
        let command = names.compactMap { getenv($0) }.map { String(cString: $0) }.first { !$0.isEmpty } ?? "vi"
        // The shell splits what the user put into the variable; the file's name is an argument and never parsed.
        let process = try ChildProcess.spawn(
            ["/bin/sh", "-c", "exec \(command) \"$1\"", "sh", path], environment, input: .inherited,
            output: .inherited, errors: .inherited, group: .shared)
        ChildProcess.whenEnded(process) { [self] _ in
            hasEnded.withLock { $0 = true }
            Waker.wake()
        }
    }

    var isDone: Bool { hasEnded.withLock { $0 } }

    /// What the editor left, and nothing of it on the disk.
    func result() -> String? {
        defer { unlink(path) }
        guard let contents = try? SmallFile.read(path) else { return nil }
        return contents.text.hasSuffix("\n") ? String(contents.text.dropLast()) : contents.text
    }
}
