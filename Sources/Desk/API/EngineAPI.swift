import Chat
import ChannelsEngine
import ChannelsProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// The HTTP API of the engine, `/apps/{id}/…`, as every server library of the protocol speaks it. The engine checks and
/// answers; here the request is only taken apart.
struct EngineAPI: Sendable {
    /// Ten events of ten kilobytes, every byte of them escaped, and what stands around them.
    static let bodyLimit = 1 << 20

    let hub: Hub

    func addRoutes(to router: Router<DeskContext>) {
        router.get("/apps/**", use: answer)
        router.post("/apps/**", use: answer)
    }

    private func answer(_ request: Request, _ context: DeskContext) async throws -> Response {
        let body = try await request.bytes(upTo: Self.bodyLimit)
        let call = APIRequest(
            method: request.method.rawValue, path: request.uri.path, query: request.decodedQuery,
            body: Array(body.readableBytesView))
        let answer = hub.answer(call, unixTime: Int(WallClock.now().milliseconds / 1000))
        return Response(
            status: .init(code: answer.status), headers: [.contentType: answer.contentType],
            body: .init(byteBuffer: ByteBuffer(string: answer.body)))
    }
}
