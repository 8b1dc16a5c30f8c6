import NIOCore

/// What waits to be written on one event loop, in order.
struct Outbox {
    enum Delivery {
        case send(ByteBuffer, [SocketLink])
        case close(SocketLink, code: UInt16, reason: String)
    }

    var deliveries: [Delivery] = []
    private var isWoken = false
    private var isEmptying = false

    /// True once: until the outbox has been emptied, its loop needs no second call.
    mutating func wantsWaking() -> Bool {
        guard !deliveries.isEmpty, !isWoken, !isEmptying else { return false }
        isWoken = true
        return true
    }

    /// False while it is being emptied further down the stack of the same loop, which goes on until nothing is left.
    mutating func begin() -> Bool {
        guard !isEmptying else { return false }
        isEmptying = true
        isWoken = false
        return true
    }

    /// The next batch; an empty one ends the emptying.
    mutating func take() -> [Delivery] {
        let batch = deliveries
        deliveries = []
        if batch.isEmpty { isEmptying = false }
        return batch
    }
}
