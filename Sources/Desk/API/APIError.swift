import ChannelsProtocol
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// A refusal as a caller of the HTTP API sees it: a status, a code for programs, a sentence for people.
struct APIError: Error, Equatable {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    /// Seconds after which the same may work.
    let retryAfter: Int?
    /// Whether the rest of the request is not waited for: the answer is the last of its connection.
    var endsConnection = false

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, retryAfter: Int? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    var response: Response {
        let body: JSON = ["error": ["code": .string(code), "message": .string(message)]]
        var response = Response.json(status, body)
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        if endsConnection { response.headers[.connection] = "close" }
        if status == .upgradeRequired { response.headers[.upgrade] = "websocket" }
        return response
    }

    static func badRequest(_ message: String) -> APIError { .init(.badRequest, "bad_request", message) }
    static func bodyTooLong(limit: Int) -> APIError {
        var error = APIError(.contentTooLarge, "body_too_large", "a body has at most \(limit) bytes here")
        error.endsConnection = true
        return error
    }
    static let notFound = APIError(.notFound, "not_found", "there is nothing under this method and path")
    static let handshakeWanted = APIError(
        .upgradeRequired, "handshake_wanted", "here a WebSocket handshake (GET, version 13, with a key) is wanted")
    static let foreignOrigin = APIError(
        .forbidden, "foreign_origin", "a page of another origin may not use this desk")
    static let foreignHost = APIError(
        .forbidden, "foreign_host", "the desk is not called by that name; desk.hosts in its settings names those it has"
    )
    static let diskFull = APIError(
        .serviceUnavailable, "disk_full", "the desk's disk is full and nothing was stored",
        retryAfter: 5)
    static let storeDamaged = APIError(
        .serviceUnavailable, "store_damaged",
        "a part of the desk's store is damaged; its owner has to restore a backup",
        retryAfter: 30)
    static let unavailable = APIError(
        .serviceUnavailable, "store_unavailable", "the desk cannot use its store right now", retryAfter: 2)
    static func unknownPeer(_ id: String) -> APIError {
        .init(.notFound, "unknown_peer", "there is no user \"\(id.prefix(80))\" on this desk")
    }
}

extension Response {
    static func json(_ status: HTTPResponse.Status, _ body: JSON) -> Response {
        let bytes = ByteBuffer(string: body.text)
        return Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: bytes))
    }
}

/// Every answer that is not a success has the API's own form.
struct ErrorAnswers: RouterMiddleware {
    typealias Context = DeskContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            context.refusals.note(error, request, context.caller)
            return error.response
        } catch let error as HTTPError where error.status == .notFound {
            return APIError.notFound.response
        } catch let error as HTTPError {
            return APIError(error.status, "refused", error.body ?? error.status.reasonPhrase.lowercased()).response
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let refusal: APIError =
                if DeskStore.isFull(error) {
                    .diskFull
                } else if DeskStore.isDamaged(error) {
                    .storeDamaged
                } else {
                    .unavailable
                }
            context.refusals.note(refusal, request, context.caller, because: error)
            return refusal.response
        }
    }
}
