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
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
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

    /// Replaces a file of this program's own, whole or not at all. It is its owner's alone unless `isPublic`, and so is its
    /// folder where that is made.
    static func write(_ text: String, to path: String, isPublic: Bool = false) throws(Failure) {
        let path = try ownFile(path)
        let draft = try draft(text, of: path, isPublic: isPublic)
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw cannotWrite(path, code)
        }
    }

    /// Makes a file (0600) whole or not at all, where nothing is.
    static func create(_ text: String, at path: String) throws(Failure) {
        try insistOnNothing(at: path)
        let draft = try draft(text, of: path)
        defer { unlink(draft) }
        // A second name, which never replaces what has come there meanwhile; not every file system has them.
        var code: Int32 = link(draft, path) == 0 ? 0 : errno
        if code == EPERM || code == EOPNOTSUPP { code = rename(draft, path) == 0 ? 0 : errno }
        guard code != EEXIST else { throw exists(path) }
        guard code == 0 else { throw cannotWrite(path, code) }
    }

    /// Opens a new file (0600) for writing; the caller closes it.
    static func open(new path: String) throws(Failure) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw errno == EEXIST ? exists(path) : cannotWrite(path, errno) }
        return descriptor
    }

    /// Throws where something is at the path of a file that is to be made: a file, a link, a pipe.
    static func insistOnNothing(at path: String) throws(Failure) {
        guard !path.isEmpty else { throw Failure(.usage, "the name of the file to make is empty") }
        var status = stat()
        if lstat(path, &status) == 0 { throw exists(path) }
    }

    /// The file that a path of this program's own leads to, through the user's links.
    private static func ownFile(_ path: String) throws(Failure) -> String {
        var status = stat()
        guard lstat(path, &status) == 0 else { return path }
        guard let real = realpath(path, nil) else {
            throw Failure(
                .cannotWrite, "\(Text.shown(path)): is a link that leads nowhere and is not replaced; remove it")
        }
        defer { free(real) }
        let target = String(cString: real)
        guard stat(target, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
            throw Failure(.cannotWrite, "\(Text.shown(path)): is no file of yours and is not replaced; move it away")
        }
        return target
    }

    /// The text on the disk beside the path, under a name of this process's own.
    private static func draft(_ text: String, of path: String, isPublic: Bool = false) throws(Failure) -> String {
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex {
            try makeFolder(String(path[..<slash]), mode: isPublic ? 0o755 : 0o700)
        }
        let draft = "\(path).\(getpid())"
        unlink(draft)
        let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isPublic ? 0o644 : 0o600)
        guard descriptor >= 0 else { throw cannotWrite(path, errno) }
        var code: Int32 = 0
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty, code == 0 {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { code = errno }
            rest = rest.dropFirst(max(0, count))
        }
        if code == 0, fsync(descriptor) != 0 { code = errno }
        close(descriptor)
        guard code == 0 else {
            unlink(draft)
            throw cannotWrite(path, code)
        }
        return draft
    }

    private static func exists(_ path: String) -> Failure {
        Failure(.cannotWrite, "\(Text.shown(path)): is there already and is not overwritten; give another name")
    }

    /// With those above it, closed to others where they are made here.
    static func makeFolder(_ path: String, mode: mode_t = 0o700) throws(Failure) {
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        let code = errno
        guard code == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
            throw cannotWrite(path, code)
        }
        try makeFolder(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw cannotWrite(path, errno) }
    }

    private static func cannotWrite(_ path: String, _ code: Int32) -> Failure {
        Failure(
            .cannotWrite,
            "\(Text.shown(path)): cannot be written (\(systemText(code))); set HOME or XDG_STATE_HOME to a folder that can"
        )
    }
}

/// `permission denied` for `EACCES`.
func systemText(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
}
