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

    @Sendable
    func respond(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let began = WallClock.monotonic()
        let caller = CallerAddress(
            channel.remoteAddress, forwardedFor: request.headers[CallerAddress.forwardedFor], proxies: proxies)
        let context = DeskContext(
            source: .init(logger: hub.logger, door: door, caller: caller, refusals: hub.refusals))
        var response: Response
        do {
            // The engine's API is signed, and for servers of any origin; that the desk lives may be known to all.
            if !request.uri.path.hasPrefix("/apps/"), request.uri.path != "/healthz" {
                guard hosts.allows(request.head.authority) else { throw APIError.foreignHost }
                guard OriginCheck.isAllowed(origin: request.headers[.origin], host: request.head.authority)
                else { throw APIError.foreignOrigin }
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
        try await writer.write(response: response.head, body: response.body)
        if response.headers[.connection] == "close" { channel.close(mode: .output, promise: nil) }
    }
}
