public import ChannelsProtocol

/// The wish to be known to the server as a user, on every connection.
struct SignIn: Equatable, Sendable {
    enum State: Equatable, Sendable {
        case idle
        case authenticating
        case pending
        case signedIn(userID: String)
        case retrying
        case failed
    }

    var isWanted = false
    var state: State = .idle
    var timer: Duration?
    var retries = 0

    var userID: String? {
        guard case .signedIn(let id) = state else { return nil }
        return id
    }

    func isSignedIn(on channel: ChannelName) -> Bool { userID.map { ChannelName.serverToUser($0) } == channel }

    mutating func reset() {
        state = .idle
        timer = nil
        retries = 0
    }
}

extension Connection {
    /// Who the server knows us as; nil before `.signedIn`.
    public var userID: String? { signIn.userID }

    /// Whether a sign-in is under way, or will be tried again by itself.
    public var isSigningIn: Bool {
        switch signIn.state {
        case .authenticating, .pending, .retrying: true
        case .idle, .signedIn, .failed: false
        }
    }

    /// Wishes to be signed in, from now on and on every connection to come. Then also events on
    /// `#server-to-user-ID` and watchlist notices come in. After a failure it is the way to try again.
    public mutating func signIn(now: Duration) -> [ConnectionOutput] {
        signIn.isWanted = true
        switch signIn.state {
        case .idle, .retrying, .failed: return beginSignIn(now: now)
        case .authenticating, .pending, .signedIn: return []
        }
    }

    /// The answer of the endpoint for user authentication. Thrown away unless it is for the socket in use.
    public mutating func userAuthenticated(
        socketID: SocketID, _ result: Result<UserAuthentication, AuthorizationFailure>, now: Duration
    ) -> [ConnectionOutput] {
        guard status.socketID == socketID, signIn.state == .authenticating else { return [] }
        switch result {
        case .success(let answer):
            signIn.state = .pending
            signIn.timer = now + settings.subscribeTimeout
            return [.send(ClientFrame.signIn(auth: answer.auth, userData: answer.userData).text)]
        case .failure(let failure):
            let (reason, status, isPassing) = Self.reason(failure)
            return isPassing
                ? retrySignIn(reason: reason, status: status, now: now)
                : signInFailed(reason: reason, status: status)
        }
    }

    mutating func beginSignIn(now: Duration) -> [ConnectionOutput] {
        guard signIn.isWanted, let socketID = status.socketID else { return [] }
        signIn.state = .authenticating
        signIn.timer = now + settings.authorizeTimeout
        return [.authenticateUser(socketID)]
    }

    mutating func signedIn(_ userData: String, now: Duration) -> [ConnectionOutput] {
        guard signIn.state == .pending else { return [] }
        guard let data = try? JSON(parsing: userData), let id = data["id"]?.string, !id.isEmpty else {
            return signInFailed(reason: "the server confirmed a user without an id", status: nil)
        }
        signIn.state = .signedIn(userID: id)
        signIn.timer = nil
        let channel = ChannelName.serverToUser(id)
        if subscriptions[channel] == nil { subscriptions[channel] = Subscription() }
        return [.notice(.signedIn(userID: id))] + begin(channel, now: now)
    }

    mutating func signInFailed(reason: String, status: Int?) -> [ConnectionOutput] {
        signIn.state = .failed
        signIn.timer = nil
        return [.notice(.signInFailed(reason: reason, status: status))]
    }

    private mutating func retrySignIn(reason: String, status: Int?, now: Duration) -> [ConnectionOutput] {
        let range = min(settings.backoffBase * (1 << min(signIn.retries, 20)), settings.backoffCap)
        signIn.retries += 1
        signIn.state = .retrying
        signIn.timer = now + .milliseconds(500) + backoff.jitter(upTo: range)
        return [.notice(.signInFailed(reason: reason, status: status))]
    }

    mutating func tickSignIn(now: Duration) -> [ConnectionOutput] {
        guard let timer = signIn.timer, now >= timer else { return [] }
        switch signIn.state {
        case .authenticating:
            return retrySignIn(reason: "the authentication endpoint did not answer", status: nil, now: now)
        // Engines that know no sign-in say nothing: asking again would only be noise.
        case .pending: return signInFailed(reason: "the server did not answer the sign-in", status: nil)
        case .retrying: return beginSignIn(now: now)
        case .idle, .signedIn, .failed:
            signIn.timer = nil
            return []
        }
    }
}
