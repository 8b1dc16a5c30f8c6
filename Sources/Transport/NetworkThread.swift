// The door to the network (`Transport`): one WebSocket, and HTTP calls. It carries texts and bodies and knows nothing of channels or chats.
// Everything runs on one thread that is started when the first connection or call is made; what happened is told to
// closures on that thread, which hand it over and return. Frames are `Frames/`, errors as sentences `NetworkSentence`.
// A new kind of transport is a file beside `WebSocketConnection`.
import NIOCore
import NIOPosix

enum NetworkThread {
    /// The one event loop of all connections and calls; the thread starts with the first use.
    static let loop: any EventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
