/// A request to the HTTP API of an engine, as far as it is signed.
public struct APIRequest: Hashable, Sendable {
    /// `GET` or `POST`.
    public var method: String
    /// Without host and query, as the server sees it.
    public var path: String
    public var query: HTTPQuery
    public var body: [UInt8]

    public init(method: String, path: String, query: HTTPQuery = [:], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    public init(method: String, path: String, query: HTTPQuery = [:], body: String) {
        self.init(method: method, path: path, query: query, body: Array(body.utf8))
    }
}

/// Why a request to the HTTP API is not believed; each is a 401.
public enum RequestRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(String)
    case repeated(String)
    case unknownKey
    case unsupportedVersion
    case timestamp(given: Int, now: Int, window: Int)
    case bodyDigest
    case signature

    public var description: String {
        switch self {
        case .missing(let name): "\(name) is missing or has the wrong form"
        case .repeated(let name): "\(name) stands more than once"
        case .unknownKey: "auth_key belongs to no app here"
        case .unsupportedVersion: "auth_version is not 1.0"
        case .timestamp(let given, let now, let window):
            "Timestamp expired: Given timestamp (\(given)) not within \(window)s of server time (\(now))"
        case .bodyDigest: "body_md5 does not fit the body"
        case .signature: "Invalid signature: auth_signature does not fit the request"
        }
    }
}

extension Signer {
    /// The request with `auth_key`, `auth_timestamp`, `auth_version`, `body_md5` (if it has a body) and
    /// `auth_signature` added to its query.
    ///
    /// - Parameter timestamp: Unix time in seconds.
    public func signed(_ request: APIRequest, timestamp: Int) -> APIRequest {
        var signed = request
        signed.query.items.append(.init(name: "auth_key", value: key))
        signed.query.items.append(.init(name: "auth_timestamp", value: String(timestamp)))
        signed.query.items.append(.init(name: "auth_version", value: "1.0"))
        if !request.body.isEmpty { signed.query.items.append(.init(name: "body_md5", value: MD5.hex(request.body))) }
        signed.query.items.append(.init(name: "auth_signature", value: hex(Self.requestText(signed))))
        return signed
    }

    /// Throws unless the request was signed by this key within `window` seconds of `now` (Unix time) for this very body.
    ///
    /// Every parameter that came is part of what is signed, also `body_md5` of nothing, which some libraries send.
    public func check(_ request: APIRequest, now: Int, window: Int = 600) throws(RequestRefusal) {
        for name in ["auth_key", "auth_timestamp", "auth_version", "auth_signature", "body_md5"]
        where request.query.items.count(where: { $0.name.lowercased() == name }) > 1 {
            throw .repeated(name)
        }
        guard let givenKey = request.query["auth_key"] else { throw .missing("auth_key") }
        guard let signature = request.query["auth_signature"] else { throw .missing("auth_signature") }
        guard let timestamp = request.query["auth_timestamp"].flatMap({ Int($0) }) else {
            throw .missing("auth_timestamp")
        }
        guard let version = request.query["auth_version"] else { throw .missing("auth_version") }
        guard version == "1.0" else { throw .unsupportedVersion }
        guard Digest.areEqual(givenKey, key) else { throw .unknownKey }
        guard timestamp >= now - window, timestamp <= now + window else {
            throw .timestamp(given: timestamp, now: now, window: window)
        }
        let digest = request.query["body_md5"]
        guard digest != nil || request.body.isEmpty else { throw .missing("body_md5") }
        if let digest, !Digest.areEqual(digest, MD5.hex(request.body)) { throw .bodyDigest }
        guard Digest.areEqual(signature, hex(Self.requestText(request))) else { throw .signature }
    }

    /// `METHOD\nPATH\nk1=v1&k2=v2`: names in lower case and sorted, values as they are, without `auth_signature`.
    static func requestText(_ request: APIRequest) -> String {
        let pairs = request.query.items
            .map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { $0.name != "auth_signature" }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { "\($0.name)=\($0.value)" }
        return "\(request.method)\n\(request.path)\n\(pairs.joined(separator: "&"))"
    }
}
