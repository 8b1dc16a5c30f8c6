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
            // The place to look at Host and Origin before anything is answered.
            let response: Response
            do {
                response = try await router.respond(to: request, context: context)
            } catch let error as HTTPParserError {
                throw error
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
