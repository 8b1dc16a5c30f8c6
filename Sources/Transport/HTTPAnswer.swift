import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What a server answered, whatever its status. Redirects are answers like any other.
public struct HTTPAnswer: Equatable, Sendable {
    public var status: Int
    public var body: String
    /// From `Retry-After`, where it is a number of seconds.
    public var retryAfter: Duration?
    /// Where a redirect would have led.
    public var location: String?
    /// The server's clock, as its `Date` header says it.
    public var dateHeader: String?

    public init(status: Int, body: String, retryAfter: Duration? = nil, location: String? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
        self.location = location
    }

    init(_ response: HTTPClient.Response) {
        status = Int(response.status.code)
        body = response.body.map { String(buffer: $0) } ?? ""
        // soketi gives fractions of a second.
        retryAfter = response.headers.first(name: "Retry-After").flatMap { Double($0) }.flatMap {
            $0.isFinite ? .milliseconds(Int((min(max($0, 0), 3600) * 1000).rounded(.up))) : nil
        }
        location = response.headers.first(name: "Location")
        dateHeader = response.headers.first(name: "Date")
    }
}

/// Why there is no answer. Each carries a sentence that begins with the place.
public enum HTTPCallFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The request was never made: no credential, or the client is shut down.
    case notSent(String)
    /// No connection: the server has not seen the request.
    case unreachable(String)
    /// The connection was lost: the server may have done what was asked.
    case interrupted(String)
    /// As `interrupted`, with no answer in time.
    case timedOut(String)
    /// The answer was cut off at the limit.
    case tooLarge(String)

    public var description: String {
        switch self {
        case .notSent(let text), .unreachable(let text), .interrupted(let text), .timedOut(let text),
            .tooLarge(let text):
            text
        }
    }
}
