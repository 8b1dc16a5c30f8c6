package import Chat
import Glibc

/// The two clocks of a door: the calendar for what is stored, the monotonic one for the engine.
package enum WallClock {
    package static func now() -> Timestamp {
        let time = read(CLOCK_REALTIME)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Since an arbitrary start; goes on while the machine sleeps, so that a socket that slept is seen to be old.
    package static func monotonic() -> Duration {
        let time = read(CLOCK_BOOTTIME)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
