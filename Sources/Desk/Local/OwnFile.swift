import Glibc

/// A file of the desk's as it is found, looked at before it is used: nobody else may have had a hand in it.
enum OwnFile {
    /// What is missing is fine. What others could only read is closed to them; what is no file, belongs to somebody else
    /// or could be written by others is refused.
    ///
    /// - Parameter secret: what the file holds that is spoilt once others could read it; then that is refused too.
    static func check(_ path: String, secret: String? = nil) throws(DeskError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let code = errno
            guard code != ENOENT else { return }
            throw DeskError(.cannotWrite, "\(path): cannot be looked at (\(SystemError.text(code)))")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK:
            throw refused("\(path): is a symbolic link; put the file itself there, or move the whole folder")
        default: throw refused("\(path): is no file; move it away")
        }
        guard status.st_uid == geteuid() else {
            throw refused(
                "\(path): belongs to user \(status.st_uid) and not to you (\(geteuid())); run parley as that user, or see who made it"
            )
        }
        let mode = String(status.st_mode & 0o777, radix: 8)
        guard status.st_mode & 0o022 == 0 else {
            throw refused("\(path): others could write into it (mode \(mode)); look at it, then chmod 600")
        }
        guard status.st_mode & 0o044 != 0 else { return }
        if let secret {
            throw refused(
                "\(path): others could read \(secret) (mode \(mode)); remove it to get a new one, or chmod 600 it")
        }
        guard chmod(path, 0o600) == 0 else {
            throw DeskError(
                .cannotWrite, "\(path): cannot be closed to others (\(SystemError.text(errno))); chmod 600 it")
        }
    }

    private static func refused(_ sentence: String) -> DeskError { DeskError(.configuration, sentence) }
}
