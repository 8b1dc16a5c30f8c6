/// What happens from the moment this sequence was asked for, until the connection is closed or the task cancelled.
///
/// Each one has a buffer of its own and is for one consumer: ask again for a second one. A consumer that is slower than
/// the server loses the oldest and is told; the others and the connection do not notice. Dropping the sequence ends it.
public struct Updates<Element: Sendable>: AsyncSequence, Sendable {
    private let lease: UpdateLease<Element>

    /// What must live as long as somebody can read.
    private var owner: ChannelsConnection?

    init(_ buffer: UpdateBuffer<Element>, onEnd: @escaping @Sendable () -> Void) {
        lease = UpdateLease(buffer, onEnd)
    }

    func holding(_ owner: ChannelsConnection) -> Updates {
        var copy = self
        copy.owner = owner
        return copy
    }

    public func makeAsyncIterator() -> Iterator { Iterator(lease: lease, owner: owner) }

    public struct Iterator: AsyncIteratorProtocol {
        let lease: UpdateLease<Element>
        let owner: ChannelsConnection?

        public mutating func next() async -> Element? { await lease.buffer.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await lease.buffer.next()
        }
    }
}

/// Takes the buffer out of the connection's list when the last one who could read it is gone.
final class UpdateLease<Element: Sendable>: Sendable {
    let buffer: UpdateBuffer<Element>
    private let onEnd: @Sendable () -> Void

    init(_ buffer: UpdateBuffer<Element>, _ onEnd: @escaping @Sendable () -> Void) {
        self.buffer = buffer
        self.onEnd = onEnd
    }

    deinit { onEnd() }
}
