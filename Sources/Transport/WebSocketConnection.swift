import NIOCore
import NIOPosix

/// One WebSocket to a server, from the attempt to its end.
///
/// Events come on the network thread, in order: `opened` at most once, then texts, then one end. Calls may come from any
/// thread and never wait. Sending before `opened` and after the end does nothing.
public final class WebSocketConnection: Sendable {
    private let endpoint: WebSocketEndpoint
    private let limits: WebSocketLimits
    private let timeout: Duration
    private let onEvent: @Sendable (TransportEvent) -> Void
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    private struct State {
        enum Phase { case opening, open, ended }
        var phase = Phase.opening
        var channel: (any Channel)?
        var waitingBytes = 0
        var deadline: Scheduled<Void>?
        /// The end is known, and why is being found out.
        var isExplaining = false
        /// Kept open while the path leads through it.
        var path: SocketPath?
    }

    /// Begins to connect at once. `timeout` covers everything until the server agreed to the upgrade.
    public static func open(
        _ endpoint: WebSocketEndpoint, timeout: Duration = .seconds(10), limits: WebSocketLimits = .init(),
        onEvent: @escaping @Sendable (TransportEvent) -> Void
    ) -> WebSocketConnection {
        let connection = WebSocketConnection(endpoint, timeout, limits, NetworkThread.loop, onEvent)
        connection.loop.execute { connection.connect() }
        return connection
    }

    private init(
        _ endpoint: WebSocketEndpoint, _ timeout: Duration, _ limits: WebSocketLimits, _ loop: any EventLoop,
        _ onEvent: @escaping @Sendable (TransportEvent) -> Void
    ) {
        self.endpoint = endpoint
        self.timeout = timeout
        self.limits = limits
        self.loop = loop
        self.onEvent = onEvent
        state = .makeBoxSendingValue(State(), eventLoop: loop)
    }

    public func send(_ text: String) {
        write(.text(text), size: text.utf8.count)
    }

    /// The answer is a `control` event.
    public func ping() {
        write(.ping(ByteBuffer()), size: 0)
    }

    /// Says goodbye and ends with `closed`, at the latest two seconds later, whatever the server does.
    /// While it is still opening it is abandoned instead.
    public func close(code: UInt16 = 1000, reason: String = "") {
        loop.execute { [self] in
            guard state.value.phase == .open, let channel = state.value.channel else { return end(nil) }
            channel.writeAndFlush(FrameMessage.close(code: code, reason: reason), promise: nil)
        }
    }

    /// Back-pressure: while it is off, nothing is read and nothing told.
    public func setReading(_ isReading: Bool) {
        loop.execute { [self] in
            guard let channel = state.value.channel else { return }
            channel.setOption(.autoRead, value: isReading).whenComplete { _ in }
        }
    }

    /// Drops the connection without a word. Nothing is told any more.
    public func abandon() {
        loop.execute { self.end(nil) }
    }

    private func connect() {
        guard state.value.phase == .opening else { return }
        state.value.deadline = loop.scheduleTask(in: TimeAmount(timeout)) { [self] in
            let sentence = "no answer within \(NetworkSentence.seconds(timeout))"
            // Once connected it is the handshake that nobody answers.
            if state.value.channel == nil { fail(sentence) } else { refused(nil, sentence) }
        }
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(TimeAmount(timeout))
        let connected: EventLoopFuture<any Channel>
        switch endpoint.address {
        case .tcp(let host, let port, _):
            let proxy: HTTPProxy?
            do throws(HTTPProxyError) { proxy = try HTTPProxy.inForce(for: endpoint.address) } catch {
                return fail(error.reason)
            }
            if let proxy { return connect(bootstrap, by: proxy, host: host, port: port) }
            connected = bootstrap.connect(host: host, port: port)
        case .unix(let path):
            do throws(SocketPathError) {
                let path = try SocketPath(path)
                state.value.path = path
                connected = bootstrap.connect(unixDomainSocketPath: path.text)
            } catch {
                return fail(error.reason)
            }
        }
        connected.whenComplete { [self] result in
            switch result {
            case .success(let channel): upgrade(channel)
            case .failure(let error): fail(error)
            }
        }
    }

    private func connect(_ bootstrap: ClientBootstrap, by proxy: HTTPProxy, host: String, port: Int) {
        bootstrap.connect(host: proxy.host, port: proxy.port).whenComplete { [self] result in
            switch result {
            case .success(let channel):
                guard state.value.phase == .opening else { return channel.close(promise: nil) }
                state.value.channel = channel
                ProxyTunnel.open(channel, proxy, host: host, port: port).whenComplete { [self] result in
                    switch result {
                    case .success: upgrade(channel)
                    case .failure(let error):
                        let sentence = "the proxy \(proxy): \(NetworkSentence.text(error, timeout: timeout))"
                        refused((error as? ProxyRefusal)?.status, sentence)
                    }
                }
            case .failure(let error): fail("the proxy \(proxy): \(NetworkSentence.text(error, timeout: timeout))")
            }
        }
    }

    private func upgrade(_ channel: any Channel) {
        guard state.value.phase == .opening else { return channel.close(promise: nil) }
        state.value.channel = channel
        let pipeline = WebSocketPipeline(endpoint: endpoint, maxMessageSize: limits.message) { [self] in handle($0) }
        pipeline.upgrade(channel).whenFailure { [self] error in fail(error) }
    }

    private func handle(_ event: WebSocketPipeline.Event) {
        guard !state.value.isExplaining else { return }
        switch event {
        case .upgraded:
            guard state.value.phase == .opening else { return }
            state.value.phase = .open
            state.value.deadline?.cancel()
            onEvent(.opened)
        // Agreed to, but with headers that are not a WebSocket's.
        case .refused(101): fail("the server's answer to the WebSocket's handshake is wrong")
        case .refused(let status): refused(status, "the server refused the WebSocket with HTTP status \(status)")
        case .failed(let error): fail(error)
        case .message(.text(let text)):
            if state.value.phase == .open { onEvent(.text(text)) }
        case .message(.ping), .message(.pong), .message(.binary):
            if state.value.phase == .open { onEvent(.control) }
        case .message(.close(let code, let reason)): finish(.closed(code: code, reason: reason))
        case .inactive:
            switch state.value.phase {
            case .opening: refused(nil, "the connection was closed before an answer came")
            case .open: finish(.closed(code: nil, reason: ""))
            case .ended: break
            }
        }
    }

    private func write(_ message: FrameMessage, size: Int) {
        loop.execute { [self] in
            guard state.value.phase == .open, let channel = state.value.channel else { return }
            state.value.waitingBytes += size
            guard state.value.waitingBytes <= limits.outbound else {
                return fail("the server does not read: \(state.value.waitingBytes) bytes wait to be sent")
            }
            channel.writeAndFlush(message).whenComplete { [self] _ in state.value.waitingBytes -= size }
        }
    }

    private func fail(_ error: any Error) {
        guard !state.value.isExplaining else { return }
        let sentence = NetworkSentence.text(error, timeout: timeout)
        guard NetworkSentence.isRefusedCertificate(error), state.value.phase == .opening else { return fail(sentence) }
        state.value.isExplaining = true
        state.value.deadline?.cancel()
        CertificateProbe.reason(endpoint.address, on: loop).whenComplete { [self] reason in
            fail((try? reason.get()) ?? sentence)
        }
    }

    private func fail(_ sentence: String) {
        end(.failed("\(endpoint.address): \(sentence)"))
    }

    private func refused(_ status: Int?, _ sentence: String) {
        end(.refused(status: status, "\(endpoint.address): \(sentence)"))
    }

    /// The last event of a connection whose close handshake the frame handler brings to its end.
    private func finish(_ event: TransportEvent) {
        guard state.value.phase != .ended else { return }
        state.value.phase = .ended
        state.value.deadline?.cancel()
        state.value.path = nil
        onEvent(event)
    }

    private func end(_ event: TransportEvent?) {
        guard state.value.phase != .ended else { return }
        let channel = state.value.channel
        state.value.phase = .ended
        state.value.deadline?.cancel()
        state.value.path = nil
        state.value.channel = nil
        if let event { onEvent(event) }
        channel?.close(promise: nil)
    }
}
