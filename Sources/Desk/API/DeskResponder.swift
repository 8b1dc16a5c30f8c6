import Chat
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// From a request on a connection to its answer, knowing which door the connection came by.
struct DeskResponder: Sendable {
    let router: RouterResponder<DeskContext>
    let door: Door
    let hosts: HostCheck
    let proxies: TrustedProxies
    let hub: Hub
    let unread: UnreadAnswers
    /// A larger answer occupies memory until its client has taken it.
    private static let largeAnswer = 1 << 16

    @Sendable
    func respond(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let began = WallClock.monotonic()
        let caller = CallerAddress(
            channel.remoteAddress, forwardedFor: request.headers[CallerAddress.forwardedFor], proxies: proxies)
        let user = CallUser()
        let context = DeskContext(
            source: .init(logger: hub.logger, door: door, caller: caller, refusals: hub.refusals, user: user))
        var response: Response
        do {
            try request.refuseTwins()
            // The engine's API is signed, and for servers of any origin; that the desk lives may be known to all.
            if !request.uri.path.hasPrefix("/apps/"), request.uri.path != "/healthz" {
                guard hosts.allows(request.head.authority) else { throw APIError.foreignHost }
                guard OriginCheck.isAllowed(origin: request.headers[.origin], host: request.head.authority)
                else { throw APIError.foreignOrigin }
            }
            if request.expectsContinue, request.announcedLength ?? 0 <= Request.longestBody {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            response = try await router.respond(to: request, context: context)
        } catch let error as HTTPParserError {
            throw error
        } catch let error as APIError {
            hub.refusals.note(error, request, caller)
            response = error.response
        } catch {
            response = APIError.unavailable.response
        }
        let took = WallClock.monotonic() - began
        hub.metrics.answered(request, in: took)
        hub.logger.info(
            "answered",
            metadata: [
                "call": "\(request.method) \(request.uri.path.prefix(200))", "status": "\(response.status.code)",
                "ms": "\(took / .milliseconds(1))", "from": "\(caller)",
            ])
        response.headers[.date] = WallClock.now().httpDate
        if request.method == .head {
            // An answer to HEAD has the headers of the one to GET and no body.
            try await writer.writeResponse(response.head)
        } else {
            try await write(response, writer, channel, of: user.key)
        }
        if response.headers[.connection] == "close" { channel.close(mode: .output, promise: nil) }
    }

    /// Returns when the client has taken the answer but for a few kilobytes, so that a connection never has two.
    private func write(
        _ response: Response, _ writer: consuming ResponseWriter, _ channel: any Channel, of user: Int64?
    ) async throws {
        let size = response.body.contentLength ?? 0
        guard size > Self.largeAnswer else {
            return try await writer.write(response: response.head, body: response.body)
        }
        if let user { unread.add(size, of: user) }
        defer { if let user { unread.remove(size, of: user) } }
        try await writer.write(response: response.head, body: response.body)
        try await channel.eventLoop.flatSubmit {
            do {
                return try channel.pipeline.syncOperations.handler(type: AnswerDrain.self).drained(channel)
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }.get()
    }
}
