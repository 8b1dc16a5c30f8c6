import Glibc
import Synchronization

/// The file behind the local time. The C library reads it once; rules that change, and a zone that is chosen anew, are
/// followed here, at the latest a second after they are used.
enum ZoneFile {
    private struct State {
        var lookedAt: Duration?
        var stamp: Stamp?
    }

    private struct Stamp: Equatable {
        let file: UInt64
        let modified: Int64
        let nanoseconds: Int64
    }

    private static let state = Mutex(State())

    static func follow() {
        let now = Now.uptime
        state.withLock { state in
            if let last = state.lookedAt, now - last < .seconds(1) { return }
            state.lookedAt = now
            let stamp = stamp(of: path)
            guard stamp != state.stamp else { return }
            let isFirst = state.stamp == nil
            state.stamp = stamp
            if !isFirst, stamp != nil { readAgain() }
        }
    }

    /// Where `TZ` names a zone, the library compares only the name: another one in between makes it read the file.
    private static func readAgain() {
        if let zone = getenv("TZ").map({ String(cString: $0) }) {
            setenv("TZ", "UTC0", 1)
            tzset()
            setenv("TZ", zone, 1)
        }
        tzset()
    }

    private static var path: String {
        guard var zone = getenv("TZ").map({ String(cString: $0) }) else { return "/etc/localtime" }
        if zone.hasPrefix(":") { zone.removeFirst() }
        if zone.hasPrefix("/") { return zone }
        return (getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo") + "/" + zone
    }

    private static func stamp(of path: String) -> Stamp? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        return Stamp(
            file: UInt64(facts.st_ino), modified: Int64(facts.st_mtim.tv_sec),
            nanoseconds: Int64(facts.st_mtim.tv_nsec))
    }
}
