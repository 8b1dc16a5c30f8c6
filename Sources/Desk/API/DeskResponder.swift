import Chat
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// From a request on a connection to its answer, knowing which door the connection came by.
enum DeskResponder {
    static func make(
        _ router: RouterResponder<DeskContext>, door: Door, hosts: HostCheck, refusals: RefusalLog, logger: Logger
    ) -> HTTPChannelHandler.Responder {
        { request, writer, channel in
            let caller = CallerAddress(
                channel.remoteAddress, forwardedFor: request.headers[CallerAddress.forwardedFor])
            let context = DeskContext(
                source: .init(logger: logger, door: door, caller: caller, refusals: refusals))
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
                refusals.note(error, request, caller)
                response = error.response
            } catch {
                response = APIError.unavailable.response
            }
            response.headers[.date] = WallClock.now().httpDate
            try await writer.write(response: response.head, body: response.body)
            // The rest of a body that is too long is not waited for.
            if response.status == .contentTooLarge { channel.close(mode: .input, promise: nil) }
        }
    }
}
