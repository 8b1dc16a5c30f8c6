internal import ChannelsClient
internal import ChannelsProtocol
internal import Synchronization

extension Driver {
    func updates(of channel: ChannelName, eventsNamed name: String?) -> Updates<ChannelUpdate> {
        let buffer = UpdateBuffer<ChannelUpdate>(limit: configuration.bufferSize) { .lost($0) }
        return register(buffer) { state, number in
            switch state.connection.subscription(channel) {
            case .subscribed where name == nil:
                buffer.push(.subscribed(state.connection.members(of: channel)))
            case .failed(let reason, let status) where name == nil:
                buffer.push(.subscriptionFailed(reason: reason, status: status, isFinal: true))
            case .subscribed, .failed, .idle, .authorizing, .pending, .retrying, nil: break
            }
            state.consumers.add(buffer, number, channel: channel, eventsNamed: name)
        } end: {
            $0.consumers.remove($1, channel: channel)
        }
    }

    func updates() -> Updates<ConnectionUpdate> {
        let buffer = UpdateBuffer<ConnectionUpdate>(limit: configuration.bufferSize) { .lost($0) }
        return register(buffer) {
            $0.consumers.add(buffer, $1)
        } end: {
            $0.consumers.remove($1)
        }
    }

    /// Begins with the status as it is; only the newest one that was not read is kept.
    func statuses() -> Updates<ConnectionStatus> {
        let buffer = UpdateBuffer<ConnectionStatus>(limit: 1, lostNote: nil)
        return register(buffer) { state, number in
            buffer.push(state.connection.status)
            state.consumers.add(buffer, number)
        } end: {
            $0.consumers.remove($1)
        }
    }

    private func register<Element>(
        _ buffer: UpdateBuffer<Element>, begin: (inout State, Int) -> Void,
        end: @escaping @Sendable (inout State, Int) -> Void
    ) -> Updates<Element> {
        let number = state.withLock { state in
            state.nextNumber += 1
            if state.isClosed { buffer.finish() } else { begin(&state, state.nextNumber) }
            return state.nextNumber
        }
        return Updates(buffer) { [weak self] in self?.state.withLock { end(&$0, number) } }
    }
}
