import ChannelsEngine
import ChannelsProtocol
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Transport

/// An application with an engine that answers in the shape of another: WebSockets under `/app/KEY`, the HTTP API under
/// `/apps/ID`, and everywhere else the endpoint that signs subscriptions, whose bearer token is the id of who asks. Who is
/// where keeps Parley's own engine.
final class FakeEngine: Sendable {
    struct State {
        var engine = Engine(app: EngineApp(id: "1", key: "testkey", secret: "testsecret"), seed: 3)
        var sockets: [Socket: any Channel] = [:]
        var last: Socket = 0
        /// What is said against every subscription, or client event, from now on.
        var refusesSignatures = false
        var refusesClientEvents = false
        var pongs = 0
        /// How many connections there were.
        var greeted: Int { Int(last) }
    }

    let port: Int
    private let shape: EngineShape
    private let state: Mutex<State>
    private let listener: any Channel
    private let group: MultiThreadedEventLoopGroup
    private static let signer = Signer(key: "testkey", secret: "testsecret")

    init(_ shape: EngineShape) throws {
        self.shape = shape
        state = Mutex(State())
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let setUp = Mutex<(@Sendable (any Channel) -> EventLoopFuture<Void>)?>(nil)
        listener = try ServerBootstrap(group: group).childChannelInitializer { channel in
            setUp.withLock { $0 }?(channel) ?? channel.close()
        }.bind(host: "127.0.0.1", port: 0).wait()
        port = listener.localAddress?.port ?? 0
        setUp.withLock { $0 = { [weak self] channel in self?.accept(channel) ?? channel.close() } }
    }

    deinit {
        listener.close(promise: nil)
        group.shutdownGracefully { _ in }
    }

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    var pongs: Int { state.withLock { $0.pongs } }
    var greeted: Int { state.withLock { $0.greeted } }
    var connected: Int { state.withLock { $0.sockets.count } }

    /// Somebody is in a presence channel who never says a word.
    func admit(_ member: Member, to channel: ChannelName) {
        state.withLock { state in
            state.last += 1
            let greeting = state.engine.connect(state.last, now: .zero).compactMap { output -> SocketID? in
                guard case .send(let text, _) = output,
                    case .connectionEstablished(let id, _) = try? ServerEvent(decoding: text)
                else { return nil }
                return id
            }
            guard let id = greeting.first else { return }
            let data = member.json.text
            let auth = Self.signer.channel(channel, socketID: id, channelData: data)
            let frame = ClientFrame.subscribe(channel, auth: auth, channelData: data)
            carry(state.engine.receive(frame.text, from: state.last, now: .zero), state)
        }
    }

    /// To everybody who is connected.
    func say(_ event: ServerEvent) { state.withLock { for channel in $0.sockets.values { send(event, to: channel) } } }

    /// Everybody is sent away as the engine does where it stops.
    func stop() { sendAway(shape.stops) }

    /// Everybody is sent away as the engine does where it has heard nothing for too long.
    func prune() { sendAway(shape.prunes) }

    private func sendAway(_ acts: [EngineShape.Act]) {
        let leaving = state.withLock { Array($0.sockets.values) }
        for channel in leaving { act(acts, on: channel) }
    }

    // MARK: Connections

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture { [self] in
            let upgrade = FrameServerUpgrade<Void> { channel, head in
                channel.eventLoop.makeSucceededFuture(head.uri.hasPrefix("/app/") ? [:] : nil)
            } configure: { [self] channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let key = head.uri.dropFirst("/app/".count).prefix { $0 != "?" }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(FrameHandler(role: .server, maxMessageSize: 1 << 20))
                    try pipeline.addHandler(FakeSocket(engine: self, key: String(key)))
                }
            }
            _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: .init(
                    upgradeConfiguration: .init(upgraders: [upgrade]) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(FakeEndpoint(engine: self))
                        }
                    }))
        }
    }

    fileprivate func connect(_ channel: any Channel, key: String) -> Socket? {
        guard key == "testkey" else {
            // Not before the handshake is answered.
            channel.eventLoop.execute { [self] in act(shape.unknownKey, on: channel) }
            return nil
        }
        return state.withLock { state in
            state.last += 1
            state.sockets[state.last] = channel
            carry(state.engine.connect(state.last, now: .zero), state)
            return state.last
        }
    }

    fileprivate func hear(_ text: String, from socket: Socket) {
        state.withLock { state in
            let frame = try? ClientFrame(decoding: text)
            switch frame {
            case .pong: state.pongs += 1
            case .subscribe(let channel, _, _) where state.refusesSignatures:
                if let wrong = shape.wrongSignature {
                    return send(
                        .subscriptionError(channel, kind: wrong.type, message: wrong.error, status: wrong.status),
                        to: state.sockets[socket])
                }
                return send(
                    .error(code: 4009, message: "Connection is unauthorized", channel: nil), to: state.sockets[socket])
            case .event(_, let channel, _) where state.refusesClientEvents:
                return send(
                    .error(code: 4301, message: shape.clientEventsOff, channel: channel), to: state.sockets[socket])
            default: break
            }
            carry(state.engine.receive(text, from: socket, now: .zero), state)
        }
    }

    /// A call of the HTTP API.
    fileprivate func answer(_ request: APIRequest) -> APIAnswer {
        state.withLock { state in
            let answer = state.engine.answer(request, unixTime: Int(time(nil)), now: .zero)
            carry(answer.outputs, state)
            return answer
        }
    }

    fileprivate func disconnect(_ socket: Socket) {
        state.withLock { state in
            state.sockets[socket] = nil
            carry(state.engine.disconnect(socket, now: .zero), state)
        }
    }

    private func carry(_ outputs: [EngineOutput], _ state: State) {
        for case .send(let text, let receivers) in outputs {
            guard let event = try? ServerEvent(decoding: text) else { continue }
            for socket in receivers { send(event, to: state.sockets[socket]) }
        }
    }

    private func send(_ event: ServerEvent, to channel: (any Channel)?) {
        channel?.writeAndFlush(FrameMessage.text(shape.text(event)), promise: nil)
    }

    private func act(_ acts: [EngineShape.Act], on channel: any Channel) {
        for act in acts {
            switch act {
            case .error(let code, let message): send(.error(code: code, message: message, channel: nil), to: channel)
            case .close(let code, let reason):
                channel.writeAndFlush(FrameMessage.close(code: code, reason: reason), promise: nil)
            case .cut: channel.close(promise: nil)
            }
        }
    }

    /// The application's answer: presence with a number for an id, and with nothing known of whoever is 3.
    fileprivate static func signed(_ form: HTTPQuery, user: String) -> JSON? {
        guard let id = form["socket_id"].flatMap({ SocketID($0) }), let channel = form["channel_name"] else {
            return nil
        }
        let name = ChannelName(wire: channel)
        guard name.kind.isPresence else { return ["auth": .string(signer.channel(name, socketID: id))] }
        let data = user == "3" ? #"{"user_id":3}"# : #"{"user_id":\#(user),"user_info":{"name":"Number \#(user)"}}"#
        return [
            "auth": .string(signer.channel(name, socketID: id, channelData: data)), "channel_data": .string(data),
        ]
    }
}

/// One WebSocket.
private final class FakeSocket: ChannelInboundHandler {
    typealias InboundIn = FrameMessage
    private let engine: FakeEngine
    private let key: String
    private var socket: Socket?

    init(engine: FakeEngine, key: String) {
        self.engine = engine
        self.key = key
    }

    func handlerAdded(context: ChannelHandlerContext) { socket = engine.connect(context.channel, key: key) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .text(let text) = Self.unwrapInboundIn(data), let socket else { return }
        engine.hear(text, from: socket)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let socket { engine.disconnect(socket) }
        context.fireChannelInactive()
    }
}

/// Signs subscriptions, and hands calls of the HTTP API on.
private final class FakeEndpoint: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let engine: FakeEngine
    private var method = ""
    private var target: [Substring] = []
    private var user = ""
    private var body = ""

    init(engine: FakeEngine) { self.engine = engine }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            method = head.method.rawValue
            target = head.uri.split(separator: "?", maxSplits: 1)
            user = String(head.headers["Authorization"].first?.dropFirst("Bearer ".count) ?? "")
            body = ""
        case .body(let part): body += String(buffer: part)
        case .end:
            let (status, text) = answer
            let bytes = ByteBuffer(string: text)
            let head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: status),
                headers: ["Content-Type": "application/json", "Content-Length": String(bytes.readableBytes)])
            context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
    private var answer: (status: Int, text: String) {
        guard let path = target.first, path.hasPrefix("/apps/") else {
            let signed = FakeEngine.signed(HTTPQuery(decoding: body), user: user)
            return (signed == nil ? 403 : 200, signed?.text ?? "{}")
        }
        let answer = engine.answer(
            APIRequest(
                method: method, path: String(path), query: HTTPQuery(decoding: target.count > 1 ? target[1] : ""),
                body: Array(body.utf8)))
        return (answer.status, answer.body)
    }
}
