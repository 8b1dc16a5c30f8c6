import NIOCore
import Synchronization

/// The open connections of a desk: so that there is an end to them, to their number, and to that of one address.
final class Connections: Sendable {
    private struct Entry {
        let channel: any Channel
        /// Whose place it takes; nil for the socket in the folder.
        var network: IPAddress?
    }

    private struct State {
        var open: [ObjectIdentifier: Entry] = [:]
        var counts: [IPAddress: Int] = [:]
        var isClosed = false

        mutating func count(_ network: IPAddress?, by step: Int) {
            guard let network else { return }
            let count = (counts[network] ?? 0) + step
            counts[network] = count > 0 ? count : nil
        }
    }

    /// Beyond the limit, for the socket in the folder: the desk's owner gets in when everything else is taken.
    private static let reserve = 8

    private let limit: Int
    private let proxies: TrustedProxies
    private let state = Mutex(State())

    /// - Parameter proxies: whose connections are those of many.
    init(limit: Int, proxies: TrustedProxies) {
        self.limit = limit
        self.proxies = proxies
    }

    var count: Int { state.withLock { $0.open.count } }

    /// The most connections of one address (or IPv6 /64): a quarter of all, or 64 where that is less, but at most half. A
    /// proxy's address has three quarters.
    func most(of address: IPAddress) -> Int {
        proxies.contains(address) ? limit - limit / 4 : min(max(64, limit / 4), max(1, limit / 2))
    }

    /// False where no more are taken, of this address or at all.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let address = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.open.count < limit + (address == nil ? Self.reserve : 0) else { return false }
            if let address, state.counts[address.network] ?? 0 >= most(of: address) { return false }
            state.open[id] = Entry(channel: channel, network: address?.network)
            state.count(address?.network, by: 1)
            return true
        }
        if isTaken {
            channel.closeFuture.whenComplete { [weak self] _ in
                self?.state.withLock { state in
                    guard let entry = state.open.removeValue(forKey: id) else { return }
                    state.count(entry.network, by: -1)
                }
            }
        }
        return isTaken
    }

    /// Counts a connection that a proxy passes on as the address's it comes from. False where that address has as many
    /// already as one may.
    func assign(_ channel: any Channel, to address: IPAddress?) -> Bool {
        guard let address else { return true }
        return state.withLock { state in
            guard let entry = state.open[ObjectIdentifier(channel)], entry.network != address.network else {
                return true
            }
            guard state.counts[address.network] ?? 0 < most(of: address) else { return false }
            state.count(entry.network, by: -1)
            state.count(address.network, by: 1)
            state.open[ObjectIdentifier(channel)]?.network = address.network
            return true
        }
    }

    /// Returns when the last of them has ended.
    func end() async {
        for entry in state.withLock({ Array($0.open.values) }) { try? await entry.channel.closeFuture.get() }
    }

    /// Ends whatever is still open, and takes no more.
    func closeAll() {
        let open = state.withLock { state in
            state.isClosed = true
            return Array(state.open.values)
        }
        for entry in open { entry.channel.close(promise: nil) }
    }
}
