import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What went wrong below, in words a person can act on and without the place, which the caller knows.
enum NetworkSentence {
    static func text(_ error: any Error, timeout: Duration) -> String {
        switch error {
        case let error as NIOConnectionError: connection(error, timeout: timeout)
        case let error as IOError: SystemSentence.text(error.errnoCode)
        case let error as SocketPathError: error.reason
        case let error as ProxyRefusal: error.sentence
        case let error as FrameViolation: "the server broke the rules of WebSocket: \(error.reason)"
        case let error as ChannelError: channel(error, timeout: timeout)
        case is HTTPParserError: "what answers there does not speak HTTP"
        case let error as HTTPClientError: call(error, timeout: timeout)
        case is NIOHTTPClientUpgradeError: "what answers there is no WebSocket server"
        case is SocketAddressError: "the host has no address"
        case let error as NIOSSLError: tls("\(error)")
        case let error as BoringSSLError: tls("\(error)")
        case is NIOSSLExtraError:
            "TLS: the server's certificate is for another name; use the address that is in it"
        default: "\(error)"
        }
    }

    static func seconds(_ duration: Duration) -> String {
        let exact = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        // What is left of a time that was given as a round one.
        let milliseconds = exact > 100 ? (exact + 9) / 10 * 10 : exact
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }

    private static func connection(_ error: NIOConnectionError, timeout: Duration) -> String {
        if let first = error.connectionErrors.first { return text(first.error, timeout: timeout) }
        return "no such host: \(error.host)"
    }

    private static func channel(_ error: ChannelError, timeout: Duration) -> String {
        switch error {
        case .connectTimeout: "no answer within \(seconds(timeout))"
        case .eof, .ioOnClosedChannel, .alreadyClosed, .inputClosed, .outputClosed, .inappropriateOperationForState:
            "the connection was closed before an answer came"
        default: "\(error)"
        }
    }

    private static func call(_ error: HTTPClientError, timeout: Duration) -> String {
        switch error {
        case .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout:
            "no answer within \(seconds(timeout))"
        case .tlsHandshakeTimeout: "TLS: no answer within \(seconds(timeout))"
        case .proxyAuthenticationRequired: ProxyRefusal.refused(407).sentence
        case .invalidProxyResponse: "the proxy refused the connection"
        case .httpProxyHandshakeTimeout: "the proxy gave no answer within \(seconds(timeout))"
        case .remoteConnectionClosed: "the connection was closed before an answer came"
        case .cancelled, .alreadyShutdown: "the call was given up"
        default: error.shortDescription.lowercased()
        }
    }

    static let untrusted =
        "TLS: the server's certificate is not trusted: no authority that this machine knows has signed it; SSL_CERT_FILE"
        + " names the file of another"

    private static let refusedCertificate = "CERTIFICATE_VERIFY_FAILED"

    /// Whether the server's certificate was refused, for a reason that the error does not name.
    static func isRefusedCertificate(_ error: any Error) -> Bool {
        (error is NIOSSLError || error is BoringSSLError) && "\(error)".contains(refusedCertificate)
    }

    /// NIOSSL's texts name BoringSSL's functions and files; only what matters of them is kept.
    private static func tls(_ text: String) -> String {
        if text.contains(refusedCertificate) { return untrusted }
        if text.contains("failedToLoadCertificate") || text.contains("noSuchFilesystemObject") {
            return "TLS: SSL_CERT_FILE names no file with certificates in PEM"
        }
        if text.contains("WRONG_VERSION_NUMBER") {
            return "TLS: the server does not speak it; is it an http:// address?"
        }
        if text.contains("uncleanShutdown") { return "the connection was cut" }
        return "TLS: the handshake was refused"
    }
}

extension NetworkSentence {
    /// Whether nothing of the request can have reached the server.
    static func isBeforeSending(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError, is SocketPathError, is SocketAddressError, is ProxyRefusal: true
        case is NIOSSLExtraError, is BoringSSLError: true
        case let error as NIOSSLError: "\(error)".contains("andshake")
        case let error as ChannelError: if case .connectTimeout = error { true } else { false }
        case let error as IOError: [ECONNREFUSED, ENOENT, EACCES, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
        default: false
        }
    }
}
