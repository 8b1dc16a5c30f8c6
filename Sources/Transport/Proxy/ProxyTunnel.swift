import AsyncHTTPClient
import NIOCore

/// Asks an HTTP proxy for a connection to a server, and leaves the pipeline when it stands.
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most bytes of an answer.
    private static let limit = 16 * 1024

    private let request: String
    private let established: EventLoopPromise<Void>
    private var answer: [UInt8] = []

    private init(_ proxy: HTTPProxy, host: String, port: Int, _ established: EventLoopPromise<Void>) {
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var request = "CONNECT \(place) HTTP/1.1\r\nHost: \(place)\r\n"
        if let user = proxy.user {
            let credential = HTTPClient.Authorization.basic(username: user, password: proxy.password)
            request += "Proxy-Authorization: \(credential.headerValue)\r\n"
        }
        self.request = request + "\r\n"
        self.established = established
    }

    /// On the channel's loop, of a channel that is connected to the proxy.
    static func open(
        _ channel: any Channel, _ proxy: HTTPProxy, host: String, port: Int
    ) -> EventLoopFuture<Void> {
        let established = channel.eventLoop.makePromise(of: Void.self)
        do {
            try channel.pipeline.syncOperations.addHandler(ProxyTunnel(proxy, host: host, port: port, established))
        } catch {
            established.fail(error)
        }
        return established.futureResult
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer += Array(Self.unwrapInboundIn(data).readableBytesView)
        guard let end = end else {
            if answer.count > Self.limit { fail(.noAnswer, context) }
            return
        }
        let words = String(decoding: answer.prefix { $0 != 13 && $0 != 10 }, as: UTF8.self).split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return fail(.noAnswer, context)
        }
        guard (200..<300).contains(status) else { return fail(.refused(status), context) }
        // A server does not speak first, neither in TLS nor in HTTP.
        guard end == answer.count else { return fail(.noAnswer, context) }
        context.pipeline.syncOperations.removeHandler(self, promise: established)
    }

    func channelInactive(context: ChannelHandlerContext) {
        established.fail(ProxyRefusal.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        established.fail(error)
        context.close(promise: nil)
    }

    /// Behind the blank line.
    private var end: Int? {
        let blank: [UInt8] = [13, 10, 13, 10]
        guard answer.count >= blank.count else { return nil }
        return answer.indices.dropLast(3).first { answer[$0..<$0 + 4].elementsEqual(blank) }.map { $0 + 4 }
    }

    private func fail(_ refusal: ProxyRefusal, _ context: ChannelHandlerContext) {
        established.fail(refusal)
        context.close(promise: nil)
    }
}

/// Why a proxy gave no tunnel.
enum ProxyRefusal: Error, Equatable {
    case refused(Int)
    case closed
    case noAnswer

    var sentence: String {
        switch self {
        case .refused(407): "it asks for a user name and a password; the variable takes http://USER:PASSWORD@HOST:PORT"
        case .refused(let status): "it refused the connection with HTTP status \(status)"
        case .closed: "it closed the connection"
        case .noAnswer: "its answer is not HTTP"
        }
    }

    var status: Int? { if case .refused(let status) = self { status } else { nil } }
}
