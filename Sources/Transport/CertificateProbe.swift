internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Why a server's certificate is refused. The handshake says only that it is; a second one, which is never finished, gets the
/// certificates to look at.
enum CertificateProbe {
    private static let patience = TimeAmount.seconds(3)

    /// What is wrong and what to do, or nil where the server does not show its certificates once more.
    static func reason(_ address: ServerAddress, on loop: any EventLoop) -> EventLoopFuture<String?> {
        guard case .tcp(let host, let port, true) = address else { return loop.makeSucceededFuture(nil) }
        let answer = loop.makePromise(of: String?.self)
        let deadline = loop.scheduleTask(in: patience) { answer.succeed(nil) }
        answer.futureResult.whenComplete { _ in deadline.cancel() }
        let name = ServerAddress.isIP(host) ? nil : host
        ClientBootstrap(group: loop).connectTimeout(patience)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(
                        context: try TLS.context(), serverHostname: name,
                        customVerificationCallback: { certificates, verified in
                            let dates = certificates.map { ($0.notValidBefore, $0.notValidAfter) }
                            answer.succeed(dates.isEmpty ? nil : sentence(dates, now: time(nil)))
                            verified.succeed(.failed)
                        })
                    try channel.pipeline.syncOperations.addHandlers(handler, Closer())
                }
            }
            .connect(host: host, port: port)
            .whenFailure { _ in answer.succeed(nil) }
        return answer.futureResult
    }

    /// - Parameter dates: from when to when each certificate is valid, the server's own first.
    static func sentence(_ dates: [(from: time_t, until: time_t)], now: time_t) -> String {
        for (index, date) in dates.enumerated() {
            let which = index == 0 ? "the server's certificate" : "a certificate that signs the server's"
            if date.until < now {
                return "TLS: \(which) expired on \(day(date.until)); whoever runs the server has to renew it"
            }
            if date.from > now {
                return "TLS: \(which) is valid from \(day(date.from)) on; is the clock of this machine right?"
            }
        }
        return NetworkSentence.untrusted
    }

    private static func day(_ date: time_t) -> String {
        var date = date
        var parts = tm()
        gmtime_r(&date, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }

    private final class Closer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
