import NIOCore
import NIOHTTP1

/// Lets only complete WebSocket handshakes for the engine's paths look like upgrades; everything else is HTTP.
///
/// NIO ends a connection whose wish to upgrade is not granted without an answer.
final class HandshakeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// What comes behind a handshake, perhaps in the same packet, is no HTTP any more.
    private var isPassed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isPassed, case .head(var head) = unwrapInboundIn(data) else {
            context.fireChannelRead(data)
            return
        }
        isPassed = Self.isHandshake(head)
        if !isPassed { head.headers.remove(name: "Upgrade") }
        // Nobody further up knows the version, and an old client waits for the end.
        if head.version.minor == 0 {
            if !head.isKeepAlive { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            head.headers.remove(name: "Expect")
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(error)
        // The 400 is on its way; there is no telling where a next request would begin.
        if error is HTTPParserError { context.close(promise: nil) }
    }

    static func isHandshake(_ head: HTTPRequestHead) -> Bool {
        func only(_ name: String) -> String? {
            let values = head.headers[name]
            return values.count == 1 ? values[0] : nil
        }
        return head.method == .GET && head.version == .http1_1 && head.headers["Host"].count < 2
            && head.headers["Origin"].count < 2 && WebSocketRequest(uri: head.uri) != nil
            && head.headers[canonicalForm: "Upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
            && only("Sec-WebSocket-Version") == "13" && only("Sec-WebSocket-Key")?.isEmpty == false
    }
}
