import Chat
import Glibc

/// The program's clocks. Quiet rooms are handed what is read here.
enum Now {
    static var moment: Moment { Moment(uptime: reading(CLOCK_MONOTONIC), date: date) }

    static var uptime: Duration { reading(CLOCK_MONOTONIC) }

    static var date: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// How long the machine has slept since it was started: a jump means that it just woke.
    static var slept: Duration { reading(CLOCK_BOOTTIME) - reading(CLOCK_MONOTONIC) }

    /// Seconds east of UTC where this process runs.
    static func zoneOffset(at date: Timestamp) -> Int {
        ZoneFile.follow()
        var seconds = time_t(date.milliseconds / 1000)
        var local = tm()
        localtime_r(&seconds, &local)
        return local.tm_gmtoff
    }

    /// Where that is: its name, and how far from UTC it is now.
    static var zoneName: String {
        let offset = zoneOffset(at: date)
        let sign = offset < 0 ? "-" : "+"
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let name = getenv("TZ").map { Text.shown(String(cString: $0)) } ?? ""
        let utc = "UTC\(sign)\(two(abs(offset) / 3600)):\(two(abs(offset) / 60 % 60))"
        return name.isEmpty || name == "UTC" ? utc : "\(name), now \(utc)"
    }

    private static func reading(_ clock: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
