import ChatUI
import Dispatch
import Glibc
import Synchronization
import Terminal

/// The folder of canned replies, read anew each time one is wanted, on a thread that may wait for a disk.
final class CannedFolder: Sendable {
    struct Contents: Sendable {
        var replies: [CannedReply] = []
        /// What could not be read, in a sentence.
        var problem: String?
    }

    static let maxFiles = 1_000
    static let maxBytes = 32_000

    private let path: String
    private let read = Mutex<Contents?>(nil)

    init(_ settings: Settings) {
        let beside = settings.path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(settings.path[..<$0]) } ?? "."
        path = settings.text(.cannedFolder) ?? beside + "/canned"
    }

    func load() {
        DispatchQueue.global(qos: .userInitiated).async { [self] in
            let contents = Self.contents(of: path)
            read.withLock { $0 = contents }
            Waker.wake()
        }
    }

    /// What was read since the last call.
    func take() -> Contents? {
        read.withLock { read in
            defer { read = nil }
            return read
        }
    }

    /// In the order of their names. A folder that is not there holds none.
    static func contents(of path: String) -> Contents {
        guard let folder = opendir(path) else {
            let code = errno
            return code == ENOENT ? Contents() : Contents(problem: "\(path): cannot be read (\(systemText(code)))")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder), names.count < maxFiles {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), name.hasSuffix(".txt") || name.hasSuffix(".md") { names.append(name) }
        }
        var contents = Contents()
        for name in names.sorted() {
            do throws(Failure) {
                guard var text = try SmallFile.read("\(path)/\(name)", limit: maxBytes)?.text else { continue }
                while text.last?.isNewline == true { text.removeLast() }
                let short = String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex))
                if !text.isEmpty { contents.replies.append(CannedReply(name: short, text: text)) }
            } catch {
                contents.problem = error.sentence
            }
        }
        return contents
    }
}
