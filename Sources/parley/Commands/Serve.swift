import ArgumentParser
import Desk
import Glibc
import Logging
import Synchronization

/// `parley serve`: a desk with its engine, until a signal ends it.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a desk for others to connect to.")

    @OptionGroup var global: GlobalOptions
    @Option(
        help: ArgumentHelp(
            "Where to listen; 127.0.0.1:7007 unless set. Host * is every address, port 0 a free one.",
            valueName: "host:port"))
    var listen: String?
    @Option(help: ArgumentHelp("The desk's folder.", valueName: "dir"))
    var data: String?
    @OptionGroup var store: StoreOption
    @Option(name: .customLong("app-id"), help: ArgumentHelp("The engine's application id.", valueName: "id"))
    var appID: String?
    @Option(name: .customLong("app-key"), help: ArgumentHelp("The engine's application key.", valueName: "key"))
    var appKey: String?
    @Option(
        name: .customLong("app-secret-file"),
        help: ArgumentHelp("A file with the application's secret; PARLEY_APP_SECRET does as well.", valueName: "file"))
    var appSecretFile: String?
    @Option(
        name: .customLong("engine-url"),
        help: ArgumentHelp(
            "An engine elsewhere that carries connections, by its HTTP API; needs the application's id, key and secret.",
            valueName: "url"))
    var engineURL: String?
    @Option(help: ArgumentHelp("The same for an application at Pusher: its cluster, such as eu.", valueName: "name"))
    var cluster: String?
    @Option(
        name: .customLong("tls-certificate"),
        help: ArgumentHelp("A certificate in PEM, with those that sign it; needs --tls-key.", valueName: "file"))
    var tlsCertificate: String?
    @Option(name: .customLong("tls-key"), help: ArgumentHelp("The private key of that certificate.", valueName: "file"))
    var tlsKey: String?

    @Option(
        name: .customLong("encryption-key-file"),
        help: ArgumentHelp(
            "A file with 32 bytes in base64: the engine then carries conversations of two encrypted.",
            valueName: "file"))
    var encryptionKeyFile: String?

    func run() throws {
        var flags: [SettingKey: (flag: String, value: SettingValue)] = [:]
        if let listen { flags[.deskListen] = ("--listen", .text(listen)) }
        if let data { flags[.deskData] = ("--data", .text(data)) }
        flags.merge(store.flags) { $1 }
        if let appID { flags[.deskAppID] = ("--app-id", .text(appID)) }
        if let appKey { flags[.deskAppKey] = ("--app-key", .text(appKey)) }
        if let appSecretFile { flags[.deskAppSecretFile] = ("--app-secret-file", .text(appSecretFile)) }
        if let engineURL { flags[.deskEngineURL] = ("--engine-url", .text(engineURL)) }
        if let cluster { flags[.deskCluster] = ("--cluster", .text(cluster)) }
        if let tlsCertificate { flags[.deskTLSCertificate] = ("--tls-certificate", .text(tlsCertificate)) }
        if let tlsKey { flags[.deskTLSKey] = ("--tls-key", .text(tlsKey)) }
        if let encryptionKeyFile { flags[.deskEncryptionKeyFile] = ("--encryption-key-file", .text(encryptionKeyFile)) }
        let configuration = Self.bounded(try Self.configuration(try global.settings(flags)))
        // What is made here is nobody else's, from its first moment.
        umask(0o077)
        // Blocked before any thread starts, so that none of them is interrupted and this one can wait for them.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let server = try waiting { try await DeskServer.start(configuration) }
        let loss = Mutex<DeskError?>(nil)
        server.whenStoreIsLost { error in
            loss.withLock { $0 = error }
            kill(getpid(), SIGTERM)
        }
        Output.note("listening on \(server.address ?? server.socketPath)")
        let hadTerminal = Self.hasTerminal
        while true {
            var number: Int32 = 0
            while sigwait(&signals, &number) != 0 {}
            // It tells of a terminal that is gone, or it is somebody's who renewed the certificate.
            guard number == SIGHUP, !hadTerminal || Self.hasTerminal else { break }
            do throws(DeskError) { try server.reloadCertificate() } catch {
                Output.note("parley: \(error); the certificate in use stays")
            }
        }
        // A second signal does not wait for the goodbyes.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        try waiting { await server.drain() }
        if let error = loss.withLock({ $0 }) { throw Failure(error) }
    }

    private static var hasTerminal: Bool {
        let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard terminal >= 0 else { return false }
        close(terminal)
        return true
    }

    /// With as many connections as this process may have open files, after asking for as many as the system allows. One
    /// more would be tried again and again, with the whole processor.
    private static func bounded(_ configuration: DeskConfiguration) -> DeskConfiguration {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = min(limit.rlim_max, 1 << 20)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        let most = max(16, Int(clamping: limit.rlim_cur) - 64)
        guard most < configuration.maxConnections else { return configuration }
        configuration.logger.warning(
            "\(limit.rlim_cur) files may be open, so at most \(most) connections are taken; ulimit -n or LimitNOFILE= raises it"
        )
        var configuration = configuration
        configuration.maxConnections = most
        return configuration
    }

    static func configuration(_ settings: Settings) throws(Failure) -> DeskConfiguration {
        guard let listen = settings.text(.deskListen).flatMap({ ListenAddress($0) }) else {
            throw Failure(.configuration, "desk.listen is empty; expected HOST:PORT such as 127.0.0.1:7007")
        }
        var configuration = DeskConfiguration(
            folder: try settings.deskFolder(), listen: (listen.host, listen.port),
            logger: ProgramLog.logger(
                settings, label: "desk", toStandardError: settings.text(.deskLog) == "stderr"))
        configuration.rooms = settings.rooms.map(\.room)
        configuration.store = settings.store
        configuration.app = try app(settings)
        configuration.engine = try engine(settings)
        guard configuration.engine == nil || configuration.app != nil else {
            throw Failure(
                .configuration,
                "the application's id, key and secret are missing; the engine knows the desk by them, so give all three"
            )
        }
        configuration.tls = try tls(settings)
        configuration.masterKey = try settings.text(.deskEncryptionKeyFile).map { path throws(Failure) in
            guard let key = MasterKey(try secret(inFile: path, of: "the encryption key")) else {
                throw Failure(
                    .configuration,
                    "\(path): its first line is not 32 bytes in base64; head -c 32 /dev/urandom | base64 makes such a line"
                )
            }
            return key
        }
        configuration.hosts = (settings.text(.deskHosts) ?? "").words
        configuration.proxies = TrustedProxies(settings.text(.deskProxies) ?? "") ?? configuration.proxies
        configuration.adminToken = try settings.text(.deskAdminTokenFile).map { path throws(Failure) in
            try secret(inFile: path, of: "the admin token")
        }
        func rate(_ key: SettingKey) -> Int? { settings.integer(key) == 0 ? nil : settings.integer(key) }
        configuration.rates.sendsPerSecond = rate(.deskSendsPerSecond)
        configuration.rates.authorizationsPerSecond = rate(.deskAuthorizationsPerSecond)
        configuration.rates.failedSignInsPerMinute = rate(.deskFailedSignInsPerMinute)
        try ServedApps(settings).apply(to: &configuration)
        return configuration
    }

    private static func tls(_ settings: Settings) throws(Failure) -> TLSFiles? {
        switch (settings.text(.deskTLSCertificate), settings.text(.deskTLSKey)) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
        case (_?, nil):
            throw Failure(.configuration, "desk.tls_key is missing; a certificate needs the file of its private key")
        case (nil, _?):
            throw Failure(.configuration, "desk.tls_certificate is missing; the key alone is not enough for TLS")
        }
    }

    /// Nil: the desk's own.
    private static func engine(_ settings: Settings) throws(Failure) -> ExternalEngine? {
        let clients = try settings.text(.deskEngineClientURL).map { text throws(Failure) in try DeskURL(text) }
        var engine: ExternalEngine
        switch (settings.text(.deskEngineURL), settings.text(.deskCluster)) {
        case (_?, _?): throw Failure(.configuration, "desk.engine_url and desk.cluster exclude each other; give one")
        case (nil, nil):
            guard clients == nil else {
                throw Failure(.configuration, "desk.engine_url is missing; desk.engine_client_url alone is not enough")
            }
            return nil
        case (nil, let cluster?):
            guard cluster.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else {
                throw Failure(.configuration, "desk.cluster is \"\(Text.shown(cluster))\"; expected a name such as eu")
            }
            engine = .cluster(cluster)
        case (let text?, nil):
            let url = try DeskURL(text)
            engine = ExternalEngine(
                api: url.address, apiPath: url.path, client: (url.host, url.port, url.isSecure), clientPath: url.path)
        }
        if let clients {
            engine.client = (clients.host, clients.port, clients.isSecure)
            engine.clientPath = clients.path
        }
        return engine
    }

    /// Nil: the desk makes its own. All three or none.
    private static func app(_ settings: Settings) throws(Failure) -> AppCredentials? {
        let secret = try secret(settings)
        let given = [("id", settings.text(.deskAppID)), ("key", settings.text(.deskAppKey)), ("secret", secret)]
        if let id = given[0].1, let key = given[1].1, let secret {
            return AppCredentials(id: id, key: key, secret: secret)
        }
        let missing = given.filter { $0.1 == nil }.map(\.0)
        guard missing.count < 3 else { return nil }
        throw Failure(
            .configuration,
            "the application's \(missing.joined(separator: " and ")) is missing; give id, key and secret, or none of them"
        )
    }

    private static func secret(_ settings: Settings) throws(Failure) -> String? {
        if let secret = settings.text(.deskAppSecret) { return secret }
        return try settings.text(.deskAppSecretFile).map { path throws(Failure) in try secret(inFile: path) }
    }

    /// The first line of a file that nobody else can read.
    static func secret(
        inFile path: String, of what: String = "the application's secret"
    ) throws(Failure) -> String {
        guard let contents = try SmallFile.read(path, limit: 4096) else {
            throw Failure(.configuration, "\(path): there is no such file; it is to hold \(what)")
        }
        guard contents.isOwn else {
            throw Failure(
                .configuration,
                "\(path): belongs to user \(contents.owner), neither you nor root; see who made it, then chown it")
        }
        guard contents.mode & 0o077 == 0 else {
            throw Failure(
                .configuration,
                "\(path): others can read the secret (mode \(String(contents.mode, radix: 8))); chmod 600 it")
        }
        let line = contents.text.prefix { !$0.isNewline }
        guard !line.isEmpty, !line.contains(where: \.isWhitespace) else {
            throw Failure(.configuration, "\(path): its first line is no secret; expected one word")
        }
        return String(line)
    }
}
