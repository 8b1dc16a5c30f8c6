import CEpoll
import Glibc

/// Which descriptors have something to read, or room to write; each is known by a number of its owner's.
final class Poller {
    private let descriptor = epoll_create1(0)
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    deinit { close(descriptor) }

    func add(_ descriptor: Int32, as number: Int, writing: Bool = false) {
        control(EPOLL_CTL_ADD, descriptor, number, writing)
    }

    func change(_ descriptor: Int32, as number: Int, writing: Bool) {
        control(EPOLL_CTL_MOD, descriptor, number, writing)
    }

    private func control(_ verb: Int32, _ descriptor: Int32, _ number: Int, _ writing: Bool) {
        let wanted = EPOLLIN.rawValue | (writing ? EPOLLOUT.rawValue : 0)
        var event = epoll_event(events: wanted, data: epoll_data_t(u64: UInt64(number)))
        epoll_ctl(self.descriptor, verb, descriptor, &event)
    }

    /// The numbers of those that are ready, after so many seconds at most.
    func wait(_ seconds: Double) -> [Int] {
        let count = epoll_wait(descriptor, &events, Int32(events.count), Int32(max(0, min(seconds, 1)) * 1_000))
        return events.prefix(Int(max(0, count))).map { Int($0.data.u64) }
    }
}
