import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// From a request on a connection to its answer, knowing which door the connection came by.
enum DeskResponder {
    static func make(
        _ router: RouterResponder<DeskContext>, door: Door, logger: Logger
    ) -> HTTPChannelHandler.Responder {
        { request, writer, channel in
            let context = DeskContext(source: .init(logger: logger, door: door, isLoopback: isLoopback(channel)))
            let response: Response
            do {
                // The engine's API is signed, and for servers of any origin.
                let isAllowed =
                    request.uri.path.hasPrefix("/apps/")
                    || OriginCheck.isAllowed(origin: request.headers[.origin], host: request.head.authority)
                guard isAllowed else { throw APIError.foreignOrigin }
                response = try await router.respond(to: request, context: context)
            } catch let error as HTTPParserError {
                throw error
            } catch let error as APIError {
                response = error.response
            } catch {
                response = APIError.unavailable.response
            }
            try await writer.write(response: response.head, body: response.body)
            // The rest of a body that is too long is not waited for.
            if response.status == .contentTooLarge { channel.close(mode: .input, promise: nil) }
        }
    }

    private static func isLoopback(_ channel: any Channel) -> Bool {
        switch channel.remoteAddress {
        case .unixDomainSocket: true
        case .v4: channel.remoteAddress?.ipAddress?.hasPrefix("127.") == true
        case .v6: channel.remoteAddress?.ipAddress == "::1"
        case nil: false
        }
    }
}
