public import ChannelsClient
public import ChannelsProtocol
internal import Transport
internal import Synchronization

/// An authorization endpoint as every server library has one: `POST` with a form, JSON back.
///
/// The form is `socket_id` and `channel_name` for a channel and `socket_id` for a user, then `parameters`. 200 and 201
/// are taken, 401 means the credential is no longer good, everything else is a refusal of that status.
public final class HTTPAuthorizer: Sendable {
    private let caller: HTTPCaller
    private let channelPath: String
    private let userPath: String
    private let parameters: [HTTPQuery.Item]
    private let timeout: Duration
    private let headers: @Sendable () async throws -> [(String, String)]

    /// - Parameters:
    ///   - host: a name or an IP address, without brackets.
    ///   - port: 443 with TLS and 80 without where it is nil.
    ///   - isSecure: whether to speak TLS.
    ///   - channelPath: where channels are signed.
    ///   - userPath: where users are signed in.
    ///   - parameters: sent with every form.
    ///   - timeout: of one call; then it counts as no answer.
    ///   - headers: asked afresh for every call: a bearer token, a cookie. What it throws is tried again later.
    public init(
        host: String, port: Int? = nil, isSecure: Bool = true, channelPath: String = "/pusher/auth",
        userPath: String = "/pusher/user-auth", parameters: [(String, String)] = [],
        timeout: Duration = .seconds(10), headers: @escaping @Sendable () async throws -> [(String, String)] = { [] }
    ) {
        caller = HTTPCaller(
            .tcp(host: host, port: port ?? (isSecure ? 443 : 80), isSecure: isSecure), maxBody: 1 << 20)
        self.channelPath = channelPath
        self.userPath = userPath
        self.parameters = parameters.map { .init(name: $0, value: $1) }
        self.timeout = timeout
        self.headers = headers
    }

    deinit { caller.shutdown() }

    /// To be given to a ``ChannelsConnection``.
    public var authorizer: Authorizer {
        Authorizer {
            try await self.authorize($0, socketID: $1)
        } user: {
            try await self.authenticateUser(socketID: $0)
        }
    }

    /// Throws an `AuthorizationFailure`, `CancellationError`, or what `headers` throws.
    public func authorize(_ channel: ChannelName, socketID: SocketID) async throws -> Authorization {
        let answer = try await post(channelPath, ["socket_id": socketID.text, "channel_name": channel.text])
        guard let auth = answer["auth"]?.string, !auth.isEmpty else { throw Self.unusable("\"auth\"", channelPath) }
        return Authorization(
            auth: auth, channelData: answer["channel_data"]?.string, sharedSecret: answer["shared_secret"]?.string)
    }

    /// As ``authorize(_:socketID:)``, for a sign-in.
    public func authenticateUser(socketID: SocketID) async throws -> UserAuthentication {
        let answer = try await post(userPath, ["socket_id": socketID.text])
        guard let auth = answer["auth"]?.string, let userData = answer["user_data"]?.string else {
            throw Self.unusable("\"auth\" and \"user_data\"", userPath)
        }
        return UserAuthentication(auth: auth, userData: userData)
    }

    private func post(_ path: String, _ form: HTTPQuery) async throws -> JSON {
        var form = form
        form.items += parameters
        let headers = try await headers()
        try Task.checkCancellation()
        let result = await answer(path, headers, form.text)
        try Task.checkCancellation()
        switch result {
        case .failure(let failure): throw AuthorizationFailure.unreachable(message: failure.description)
        case .success(let answer) where answer.status == 200 || answer.status == 201:
            guard let json = try? JSON(parsing: answer.body) else { throw Self.unusable("a JSON object", path) }
            return json
        case .success(let answer):
            let message = Self.sentence(answer)
            throw answer.status == 401
                ? AuthorizationFailure.unauthorized(message: message)
                : AuthorizationFailure.refused(status: answer.status, message: message)
        }
    }

    /// Comes back at once when the task is cancelled; the call itself then ends unheard, with its time at the latest.
    private func answer(
        _ path: String, _ headers: [(String, String)], _ body: String
    ) async -> Result<HTTPAnswer, HTTPCallFailure> {
        let waiting = Waiting()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard waiting.begin(continuation) else { return }
                caller.call(
                    "POST", path, headers: headers, contentType: "application/x-www-form-urlencoded", body: body,
                    timeout: timeout
                ) { waiting.end($0) }
            }
        } onCancel: {
            waiting.end(.failure(.notSent("given up")))
        }
    }

    private static func unusable(_ what: String, _ path: String) -> AuthorizationFailure {
        .refused(status: 200, message: "\(path): the answer has no \(what)")
    }

    /// What the endpoint says for people, or its status.
    private static func sentence(_ answer: HTTPAnswer) -> String {
        let json = try? JSON(parsing: answer.body)
        let said = json?["error"]?["message"]?.string ?? json?["error"]?.string ?? json?["message"]?.string
        return said ?? "the authorization endpoint answered with status \(answer.status)"
    }
}

/// One answer, and the first who has it.
private final class Waiting: Sendable {
    typealias Answer = Result<HTTPAnswer, HTTPCallFailure>

    private enum State {
        case idle
        case waiting(CheckedContinuation<Answer, Never>)
        case ended
    }

    private let state = Mutex(State.idle)

    /// False, and answered already, where it ended before it began.
    func begin(_ continuation: CheckedContinuation<Answer, Never>) -> Bool {
        let begins = state.withLock { state in
            guard case .idle = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !begins { continuation.resume(returning: .failure(.notSent("given up"))) }
        return begins
    }

    func end(_ answer: Answer) {
        let old = state.withLock { state in
            defer { state = .ended }
            return state
        }
        if case .waiting(let continuation) = old { continuation.resume(returning: answer) }
    }
}
