import Glibc

/// Files of a person's own settings: read whole, written whole.
enum SmallFile {
    struct Contents {
        var text: String
        var mode: UInt32
        var owner: UInt32

        /// Whether nobody but this user, or root for them, can have written it as far as the owner tells.
        var isOwn: Bool { owner == geteuid() || owner == 0 }
    }

    /// Nil when there is no such file. Larger ones than `limit`, folders and the like are refused in a sentence.
    static func read(_ path: String, limit: Int = 1 << 20) throws(Failure) -> Contents? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { return nil }
            throw Failure(.configuration, "\(path): cannot be read (\(systemText(code)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.configuration, "\(path): is no file; a text file is expected there")
        }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            guard count >= 0 else { throw Failure(.configuration, "\(path): cannot be read (\(systemText(errno)))") }
            guard count > 0 else { break }
            bytes += part[..<count]
            guard bytes.count <= limit else {
                throw Failure(.configuration, "\(path): has more than \(limit) bytes; is it the right file?")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.configuration, "\(path): is not UTF-8 text")
        }
        return Contents(text: text, mode: status.st_mode & 0o777, owner: status.st_uid)
    }

    /// Whole or not at all, readable by the owner only, in a folder (0700) that is made when it is missing.
    static func write(_ text: String, to path: String) throws(Failure) {
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex {
            try makeFolder(String(path[..<slash]))
        }
        let draft = "\(path).\(getpid())"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannotWrite(path, errno) }
        let bytes = Array(text.utf8)
        var code: Int32 = 0
        if Glibc.write(descriptor, bytes, bytes.count) != bytes.count || fsync(descriptor) != 0 { code = errno }
        close(descriptor)
        if code == 0, rename(draft, path) != 0 { code = errno }
        guard code == 0 else {
            unlink(draft)
            throw cannotWrite(path, code)
        }
    }

    /// With those above it, closed to others where they are made here.
    static func makeFolder(_ path: String) throws(Failure) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        let code = errno
        guard code == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
            throw cannotWrite(path, code)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw cannotWrite(path, errno) }
    }

    private static func cannotWrite(_ path: String, _ code: Int32) -> Failure {
        Failure(
            .cannotWrite,
            "\(path): cannot be written (\(systemText(code))); set HOME or XDG_STATE_HOME to a folder that can")
    }
}

/// `permission denied` for `EACCES`.
func systemText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
}
