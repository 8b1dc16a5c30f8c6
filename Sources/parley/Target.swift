import Chat
import ChatSession
import Desk
import Transport

/// The desk a run talks to, and as whom.
struct Target: Sendable {
    enum Place: Equatable, Sendable {
        /// The folder whose desk the programs of one user share.
        case localDesk(folder: String, user: UserID)
        case remote(DeskURL)
        /// An application without a desk.
        case plain(PlainTarget)
    }

    let place: Place
    /// Who the token must belong to: `--as` with a URL. Nil where anybody is right.
    let expectedUser: UserID?
    /// What the token is kept under beside the desk's URL; nil is nothing.
    private let account: String?
    /// Whether a token kept for the URL alone is this account's, too.
    private let isAlone: Bool
    private let givenToken: String?
    private let tokenCommand: TokenCommand?
    let stateFolder: String
    /// Whether an engine without TLS beyond this machine is taken.
    private var allowsCleartext: Bool
    /// Those of a local desk that this program hosts.
    private var rooms: [DeskRoom] = []

    init(_ settings: Settings) throws(Failure) {
        let environment = settings.environment
        stateFolder = try environment.stateFolder
        account = settings.tokenName
        allowsCleartext = settings.isInsecure
        rooms = settings.rooms.map(\.room)
        let user = settings.text(.user).flatMap { UserID($0) }
        if let plain = try PlainTarget(settings) {
            isAlone = false
            place = .plain(plain)
            expectedUser = nil
            givenToken = settings.text(.token)
            tokenCommand = settings.text(.tokenCommand).map {
                TokenCommand($0, ChildEnvironment(settings, hasToken: false))
            }
            return
        }
        guard let text = settings.text(.url) else {
            isAlone = false
            place = .localDesk(folder: try environment.dataFolder, user: user ?? environment.localUser)
            expectedUser = nil
            givenToken = nil
            tokenCommand = nil
            return
        }
        let url = try DeskURL(text)
        isAlone = settings.isOnlyAccount(at: url)
        place = .remote(url)
        if case .flag = settings.source(.user) { expectedUser = user } else { expectedUser = nil }
        // What the file says of a token belongs to the URL in the file and goes nowhere else.
        func own(_ key: SettingKey) -> String? {
            settings.source(key).isFile && !settings.source(.url).isFile ? nil : settings.text(key)
        }
        givenToken = own(.token)
        tokenCommand = own(.tokenCommand).map { TokenCommand($0, ChildEnvironment(settings, hasToken: false)) }
        guard !Cleartext.mayTravel(to: url.address, settings) else { return }
        // `parley login --insecure` kept a token for this address: the user has said it.
        let kept = Credentials(stateFolder: stateFolder)
        allowsCleartext = (try? kept.token(for: url, account) ?? kept.token(for: url)) != nil
        guard allowsCleartext else {
            let isTyped = if case .flag = settings.source(.url) { true } else { false }
            throw Failure(
                isTyped ? .usage : .configuration, "\(settings.source(.url)): \(Cleartext.refusal(of: url))")
        }
    }

    /// A desk with a token that is not kept yet.
    init(_ url: DeskURL, token: String, stateFolder: String) {
        place = .remote(url)
        expectedUser = nil
        account = nil
        isAlone = false
        givenToken = token
        tokenCommand = nil
        allowsCleartext = true
        self.stateFolder = stateFolder
    }

    var address: ServerAddress {
        switch place {
        case .localDesk(let folder, _): .unix(path: folder + "/desk.sock")
        case .remote(let url): url.address
        case .plain(let app): app.endpoint.address
        }
    }

    /// What stands before the API's paths.
    var basePath: String {
        switch place {
        case .localDesk, .plain: ""
        case .remote(let url): url.path
        }
    }

    /// The bearer token, read afresh: another program may just have logged in again.
    func token() throws(Failure) -> String {
        if case .localDesk(_, let user) = place { return "local:\(user)" }
        if let givenToken { return givenToken }
        if let tokenCommand { return try tokenCommand.token() }
        guard case .remote(let url) = place else {
            throw Failure(.refused, "\(name): there is no token for it; set PARLEY_TOKEN, or token_command")
        }
        let kept = Credentials(stateFolder: stateFolder)
        if let own = try kept.token(for: url, account) { return own }
        if account != nil, isAlone, let own = try kept.token(for: url) { return own }
        guard let account else { throw Failure(.refused, "\(url): there is no token for it; \(howToSignIn)") }
        throw Failure(.refused, "account \(account): there is no token for it; \(howToSignIn)")
    }

    /// Throws where it is known beforehand that there is no token, as before somebody runs its command.
    func insistOnToken() throws(Failure) {
        if case .remote = place, tokenCommand == nil { _ = try token() }
    }

    /// What to do where a token is missing or no longer good.
    var howToSignIn: String {
        if let account { return "run parley login --account \(account), or set its token_command" }
        return "run parley login \(name), or set PARLEY_TOKEN"
    }

    /// What to do where a connection is refused.
    func remedy(_ refusal: Session.Refusal) -> String {
        switch refusal {
        case .token: plain == nil ? howToSignIn : "set PARLEY_TOKEN, or token_command"
        case .desk where plain != nil: "parley doctor says more"
        case .desk: "give the desk's own URL, or ask whoever runs it"
        case .engine: "ask whoever runs the engine; parley doctor says more"
        }
    }

    /// HTTP calls to this desk that need no token.
    func publicCaller() -> HTTPCaller { HTTPCaller(address, basePath: basePath) }

    /// HTTP calls to this desk. Nothing is started before the first.
    func caller() -> HTTPCaller {
        // An application's own endpoint may go by other headers than ours.
        if plain != nil, tokenCommand == nil { return HTTPCaller(address) { [givenToken] in givenToken } }
        guard givenToken == nil, let tokenCommand else {
            return HTTPCaller(address, basePath: basePath) { [self] in try token() }
        }
        return HTTPCaller(address, basePath: basePath) {
            try tokenCommand.token()
        } renew: {
            tokenCommand.forget($0)
        }
    }

    /// The folder of the local desk; nil for one elsewhere.
    var localFolder: String? {
        guard case .localDesk(let folder, _) = place else { return nil }
        return folder
    }

    /// Who this is where that is known beforehand: at the local desk, and where there is none; nil where the token tells.
    var localUser: UserID? {
        switch place {
        case .localDesk(_, let user): user
        case .plain(let app): app.settings.user
        case .remote: nil
        }
    }

    /// Where calls go that leave this machine, or may: the desk, or what signs in its place.
    var elsewhere: DeskURL? {
        switch place {
        case .localDesk: nil
        case .remote(let url): url
        case .plain(let app): app.endpoint
        }
    }

    /// Nil where there is a desk.
    var plain: PlainSettings? {
        guard case .plain(let app) = place else { return nil }
        return app.settings
    }

    /// Throws where there is no desk that could be asked.
    func insistOnDesk() throws(Failure) {
        guard plain != nil else { return }
        throw Failure(
            .configuration,
            "\(name): is an application without a desk, which keeps nothing that could be asked for; parley, send, tail, who, on, ask, status, inspect, doctor and bench work there"
        )
    }

    /// The way in at the local desk; nil for one elsewhere. One for each run.
    func door() -> LocalDeskDoor? { localFolder.map { LocalDeskDoor(folder: $0, rooms: rooms) } }

    /// Where the desk says its engine is: elsewhere, or where the desk itself answers. Never down from TLS, and without TLS
    /// beyond this machine only where the user has said so.
    func engine(of identity: Identity) throws(Failure) -> WebSocketEndpoint {
        let isHere = identity.host == nil
        let isSecure = identity.tls ?? true
        let there = identity.host.map {
            ServerAddress.tcp(host: $0, port: identity.port ?? (isSecure ? 443 : 80), isSecure: isSecure)
        }
        if let there, !there.isSecure, !there.isLocal {
            guard !address.isSecure || plain != nil else {
                throw Failure(
                    .refused,
                    "\(name): the desk is reached by TLS and names an engine without it, \(there); whoever runs the desk has to"
                        + " give its engine an https:// address")
            }
            guard allowsCleartext else {
                throw Failure(
                    .refused,
                    "\(name): the desk names an engine without TLS, \(there), where anybody on the way can read messages; use"
                        + " --insecure if it must be")
            }
        }
        let prefix = isHere ? basePath + identity.path : identity.path
        let path = "\(prefix)/app/\(identity.key)?protocol=7&client=parley&version=\(Version.text)&run=\(Self.run)"
        return WebSocketEndpoint(address: there ?? address, path: path)
    }

    /// As the status line and messages call it.
    var name: String {
        switch place {
        case .localDesk: "local desk"
        case .remote(let url): url.description
        case .plain(let app): app.settings.host
        }
    }

    /// The file in which this machine keeps what a user of this desk has not sent yet.
    func storePath(of user: UserID) -> String { AccountPath.path(stateFolder: stateFolder, desk: key, user: user) }

    /// Tells this run of the program from others of the same user.
    private static let run = String(UInt64.random(in: 0...UInt64.max), radix: 16)

    /// Whose the token was the last time this machine was at the desk: their drafts and what waits to be sent are at hand
    /// also while it cannot be reached. Nil where that is not known.
    var lastUser: UserID? {
        if let expectedUser { return expectedUser }
        guard case .remote = place, let kept = try? SmallFile.read(lastUserPath, limit: 256) else { return nil }
        return UserID(String(kept.text.prefix { !$0.isNewline }))
    }

    /// What cannot be kept is asked anew the next time.
    func keepLastUser(_ user: UserID) {
        guard case .remote = place, lastUser != user else { return }
        try? SmallFile.write(user.text + "\n", to: lastUserPath)
    }

    private var lastUserPath: String { AccountPath.lastUser(stateFolder: stateFolder, desk: key, account: account) }

    /// What tells the accounts of different desks apart on this machine's disk.
    var key: String {
        switch place {
        case .localDesk(let folder, _): "local:" + folder
        case .remote(let url): url.description
        case .plain(let app): "channels:\(app.settings.host):\(app.settings.port)/\(app.settings.key)"
        }
    }
}

extension Settings.Source {
    var isFile: Bool {
        if case .file = self { true } else { false }
    }
}
