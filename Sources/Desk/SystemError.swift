import Glibc

enum SystemError {
    /// `permission denied` for `EACCES`.
    static func text(_ code: Int32) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text).lowercased()
    }
}
