import Glibc

/// The process that looks after a row: number, start and boot, since a number alone is used again.
package struct RowOwner: Hashable, Sendable {
    package let pid: Int32
    /// In clock ticks since boot, as `/proc/PID/stat` tells.
    package let start: Int64
    package let boot: String

    package init(pid: Int32, start: Int64, boot: String) {
        self.pid = pid
        self.start = start
        self.boot = boot
    }

    package static func current() -> RowOwner {
        let pid = getpid()
        return RowOwner(pid: pid, start: startTime(of: pid) ?? 0, boot: bootID)
    }

    /// Whether that process still runs here. One of another boot, or another machine that shares this folder, does not:
    /// sending what it also sends does no harm, as both name the same client id.
    package var isAlive: Bool { boot == Self.bootID && Self.startTime(of: pid) == start }

    private static let bootID: String =
        read("/proc/sys/kernel/random/boot_id").map { String($0.prefix { $0 != "\n" }) } ?? ""

    /// Nil when there is no such process, or only its remains.
    private static func startTime(of pid: Int32) -> Int64? {
        // The name is in parentheses and may hold anything.
        guard let text = read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return Int64(fields[19])
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
