import AsyncHTTPClient
import Dispatch
import NIOCore
import NIOHTTP1
import Synchronization

/// HTTP calls to one server: connections are reused, redirects are not followed, answers are bounded.
///
/// Nothing is started before the first call. The credential is read afresh for every call, on the network thread unless it
/// may take its time.
public final class HTTPCaller: Sendable {
    private let address: ServerAddress
    private let basePath: String
    private let maxBody: Int
    private let token: @Sendable () throws -> String?
    private let renew: (@Sendable (_ refused: String) -> Void)?
    private let slowTokens: DispatchQueue?
    private let client = Mutex<Client>(.unused)

    private enum Client: Sendable {
        case unused
        case running(HTTPClient, SocketPath?)
        case stopped
    }

    /// - Parameters:
    ///   - basePath: stands before the path of every call, such as `/parley`; without a slash at its end.
    ///   - token: the bearer token, or nil to send none; what it throws becomes the call's `notSent`.
    ///   - renew: for a `token` that may take its time, and can be had anew: told of one that was refused with 401, after
    ///     which the call is made once more.
    public init(
        _ address: ServerAddress, basePath: String = "", maxBody: Int = 8 << 20,
        token: @escaping @Sendable () throws -> String? = { nil }, renew: (@Sendable (_ refused: String) -> Void)? = nil
    ) {
        self.address = address
        self.basePath = basePath
        self.maxBody = maxBody
        self.token = token
        self.renew = renew
        slowTokens = renew.map { _ in DispatchQueue(label: "credential") }
    }

    /// An HTTP client may not go without having been shut down.
    deinit { shutdown() }

    /// `completion` comes once, on a thread of ours. `timeout` covers the whole call but for the time the credential takes.
    public func call(
        _ method: String, _ path: String, headers: [(String, String)] = [], contentType: String? = nil,
        body: String = "", timeout: Duration = .seconds(10),
        completion: @escaping @Sendable (Result<HTTPAnswer, HTTPCallFailure>) -> Void
    ) {
        guard let renew, let slowTokens else {
            return NetworkThread.loop.execute { [self] in
                make(method, path, headers, contentType, body, timeout) { _, result in completion(result) }
            }
        }
        slowTokens.async { [self] in
            make(method, path, headers, contentType, body, timeout) { [self] token, result in
                guard case .success(let answer) = result, answer.status == 401, let token else {
                    return completion(result)
                }
                renew(token)
                slowTokens.async { [self] in
                    make(method, path, headers, contentType, body, timeout) { _, result in completion(result) }
                }
            }
        }
    }

    private func make(
        _ method: String, _ path: String, _ headers: [(String, String)], _ contentType: String?, _ body: String,
        _ timeout: Duration,
        _ completion: @escaping @Sendable (_ token: String?, Result<HTTPAnswer, HTTPCallFailure>) -> Void
    ) {
        do throws(HTTPCallFailure) {
            let (client, root) = try started()
            var (request, token) = try request(root + basePath + path, method)
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            request.headers.replaceOrAdd(name: "Host", value: address.hostHeader)
            if let contentType { request.headers.add(name: "Content-Type", value: contentType) }
            if contentType != nil || !body.isEmpty { request.body = .string(body) }
            let limited = ResponseAccumulator(request: request, maxBodySize: maxBody)
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            client.execute(request: request, delegate: limited, deadline: deadline).futureResult.whenComplete {
                [token] result in
                guard case .failure(let error) = result, NetworkSentence.isRefusedCertificate(error) else {
                    return completion(token, result.map(HTTPAnswer.init).mapError { self.failure($0, timeout) })
                }
                CertificateProbe.reason(self.address, on: NetworkThread.loop).whenComplete { reason in
                    let sentence = (try? reason.get()) ?? NetworkSentence.text(error, timeout: timeout)
                    completion(token, .failure(.unreachable("\(self.address): \(sentence)")))
                }
            }
        } catch {
            completion(nil, .failure(error))
        }
    }

    /// The same for those who can wait.
    public func call(
        _ method: String, _ path: String, headers: [(String, String)] = [], contentType: String? = nil,
        body: String = "", timeout: Duration = .seconds(10)
    ) async throws(HTTPCallFailure) -> HTTPAnswer {
        let result = await withCheckedContinuation { continuation in
            call(method, path, headers: headers, contentType: contentType, body: body, timeout: timeout) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get()
    }

    /// Closes all connections; calls under way fail, later ones too. Does not wait.
    public func shutdown() {
        let old = client.withLock { state in
            defer { state = .stopped }
            return state
        }
        if case .running(let client, _) = old { client.shutdown { _ in } }
    }

    private func request(
        _ url: String, _ method: String
    ) throws(HTTPCallFailure) -> (HTTPClient.Request, token: String?) {
        let token: String?
        do { token = try self.token() } catch { throw .notSent("\(error)") }
        do {
            var request = try HTTPClient.Request(url: url, method: HTTPMethod(rawValue: method))
            if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
            return (request, token)
        } catch {
            throw .notSent("\(address): \(basePath) is no path of an HTTP server")
        }
    }

    /// The client, and the URL up to the path.
    private func started() throws(HTTPCallFailure) -> (HTTPClient, String) {
        try client.withLock { state throws(HTTPCallFailure) in
            switch state {
            case .running(let client, let path): return (client, root(path))
            case .stopped: throw .notSent("\(address): the client has been shut down")
            case .unused:
                var path: SocketPath?
                if case .unix(let text) = address {
                    do throws(SocketPathError) { path = try SocketPath(text) } catch {
                        throw .unreachable(error.reason)
                    }
                }
                var configuration = Self.configuration
                configuration.proxy = try proxy().map { proxy in
                    let user = proxy.user.map { HTTPClient.Authorization.basic(username: $0, password: proxy.password) }
                    return .server(host: proxy.host, port: proxy.port, authorization: user)
                }
                let client = HTTPClient(
                    eventLoopGroupProvider: .shared(NetworkThread.loop), configuration: configuration)
                state = .running(client, path)
                return (client, root(path))
            }
        }
    }

    private func proxy() throws(HTTPCallFailure) -> HTTPProxy? {
        do throws(HTTPProxyError) { return try HTTPProxy.inForce(for: address) } catch {
            throw .unreachable(error.reason)
        }
    }

    /// As errors name it.
    private var place: String {
        guard let proxy = try? HTTPProxy.inForce(for: address) else { return "\(address)" }
        return "\(address) through the proxy \(proxy)"
    }

    private func root(_ path: SocketPath?) -> String {
        switch address {
        case .tcp(_, _, let isSecure): (isSecure ? "https://" : "http://") + "\(address)"
        case .unix(let text): "http+unix://" + Self.percentEncoded(path?.text ?? text)
        }
    }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: TLS.configuration, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10)),
            connectionPool: .init(idleTimeout: .seconds(30)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private func failure(_ error: any Error, _ timeout: Duration) -> HTTPCallFailure {
        let sentence = "\(place): \(NetworkSentence.text(error, timeout: timeout))"
        switch error {
        case is ResponseAccumulator.ResponseTooBigError:
            return .tooLarge("\(address): the answer has more than \(maxBody) bytes")
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .tlsHandshakeTimeout, .proxyAuthenticationRequired, .invalidProxyResponse,
                .httpProxyHandshakeTimeout:
                return .unreachable(sentence)
            case .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout:
                return .timedOut(sentence)
            case .cancelled, .alreadyShutdown: return .notSent(sentence)
            default: return .interrupted(sentence)
            }
        default:
            return NetworkSentence.isBeforeSending(error) ? .unreachable(sentence) : .interrupted(sentence)
        }
    }

    private static func percentEncoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._~".unicodeScalars.contains(scalar)
            {
                out.unicodeScalars.append(scalar)
            } else {
                out += byte < 16 ? "%0" : "%"
                out += String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }
}
