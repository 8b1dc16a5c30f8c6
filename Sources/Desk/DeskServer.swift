import Chat
import ChannelsEngine
import ChannelsProtocol
import Glibc
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A running desk: store, engine and listeners, started and stopped as one.
///
/// Hummingbird's own way to run an application is not taken: it installs signal handlers and a clock that ticks every
/// second.
package final class DeskServer: Sendable {
    /// How long those who are connected may take to say good-bye. On a local desk the next host is waited for.
    private let patience: Duration
    /// The most time over which the connections are closed, a millisecond each: whoever is sent away comes back at once.
    private let spread: Duration

    /// `http://HOST:PORT`, or `https://…`; nil where only the socket is listened on.
    package let address: String?
    package let port: Int?
    package let app: AppCredentials
    /// The path of the socket in the folder, as given to the operating system.
    package var socketPath: String { socket.path }
    let hub: Hub
    private let elsewhere: RemoteEngine?
    let store: DeskStore
    private let folder: LocalFolder
    private let socket: LocalSocket
    private let listeners: [Listener]
    private let connections: Connections
    let waiters: MessageWaiters
    private let revocations: RevocationWatch
    private let group: MultiThreadedEventLoopGroup
    private let lock: HostLock
    private let ownsLock: Bool
    private let certificate: Certificate?
    private let isDrained = Mutex(false)

    /// Starts a desk, or says why it cannot be: the folder cannot be used, another process hosts it, the port is taken.
    package static func start(_ configuration: DeskConfiguration) async throws(DeskError) -> DeskServer {
        let folder = LocalFolder(configuration.folder)
        try folder.prepare(isDoor: configuration.listen == nil)
        guard let lock = try HostLock.attempt(folder) else {
            let owner = LocalDesk.holder(folder.path).map { "process \($0.pid)" } ?? "another process"
            throw DeskError(
                .unavailable, "\(folder.path): \(owner) hosts the desk in this folder; end it, or give another --data")
        }
        do {
            return try await start(configuration, lock: lock, ownsLock: true)
        } catch {
            lock.release()
            throw error
        }
    }

    static func start(
        _ configuration: DeskConfiguration, lock: HostLock, ownsLock: Bool
    ) async throws(DeskError) -> DeskServer {
        let folder = lock.folder
        guard lock.isHeld else { throw DeskError(.unavailable, "\(folder.lock): was given back; ask for it again") }
        try LocalDesk.clearSocket(folder)
        try LocalDesk.clearFormerLog(folder)
        let app = if let given = configuration.app { given } else { try AppCredentials.load(folder) }
        var configuration = configuration
        if configuration.engine != nil {
            configuration.rules = AppRules()
            configuration.rules.isEnabled = false
        }
        // Its encrypted twin has a longer name than a conversation, and servers take that.
        if configuration.masterKey != nil {
            configuration.limits.channelName = max(configuration.limits.channelName, ChannelName.maxLength)
        }
        try configuration.rules.refuseTooNarrow()
        try AppCredentials.refuseTwins([app] + configuration.otherApps.map(\.credentials))
        let tls = if let files = configuration.tls { try Certificate(files) } else { nil as Certificate? }
        let store = try openStore(configuration, folder)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.eventLoops))
        let parts = Parts(configuration, app: app, tls: tls, store: store, group: group)
        do {
            try await parts.elsewhere?.caller.check()
            try await parts.api.revocations.start(repeats: configuration.listen != nil)
            parts.listenToOtherDesks()
            // Before anybody can be heard: what comes first is published first.
            await parts.publishLeftovers()
            let server = try await DeskServer(configuration, parts, lock: lock, ownsLock: ownsLock)
            configuration.logger.notice("\(folder.path): open at \(server.address ?? folder.socket)")
            return server
        } catch {
            parts.api.revocations.stop()
            await parts.elsewhere?.finish()
            await store.finish()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func openStore(
        _ configuration: DeskConfiguration, _ folder: LocalFolder
    ) throws(DeskError) -> DeskStore {
        guard let url = configuration.store else {
            // A local desk is started by whoever comes first, and is to be there at once.
            return try DeskStore(path: folder.database, isThorough: configuration.listen != nil)
        }
        let role = PostgresDisk.Role.desk(hasOwnEngine: configuration.engine == nil)
        return DeskStore(try PostgresDisk(url, as: role, logger: configuration.logger))
    }

    /// What the listeners share.
    private struct Parts {
        let app: AppCredentials
        let tls: Certificate?
        let store: DeskStore
        let group: MultiThreadedEventLoopGroup
        let hub: Hub
        let elsewhere: RemoteEngine?
        let connections: Connections
        let api: DeskAPI

        init(
            _ configuration: DeskConfiguration, app: AppCredentials, tls: Certificate?, store: DeskStore,
            group: MultiThreadedEventLoopGroup
        ) {
            self.app = app
            self.tls = tls
            self.store = store
            self.group = group
            hub = Hub(
                apps: [(app, configuration.rules)] + configuration.otherApps,
                loops: group.makeIterator().map { $0 }, logger: configuration.logger)
            elsewhere = configuration.engine.map { [hub] place in
                RemoteEngine(place, app: app, store: store, metrics: hub.metrics, logger: configuration.logger)
            }
            connections = Connections(limit: configuration.maxConnections, proxies: configuration.proxies)
            let engine: any EngineDoor = elsewhere ?? hub
            let lobby = configuration.lobby
            let waiters = MessageWaiters()
            let revocations = RevocationWatch(store: store, logger: configuration.logger) { user in
                waiters.release(user)
                await engine.endAll(of: user, lobby: lobby)
            }
            api = DeskAPI(
                store: store, hub: hub, elsewhere: elsewhere, app: app, signer: hub.apps[0].signer,
                rooms: DeskRooms(lobby: configuration.lobby, configuration.rooms),
                admitsUnknownPeers: configuration.admitsUnknownPeers, adminToken: configuration.adminToken,
                masterKey: configuration.masterKey, gate: RateGate(configuration.rates),
                waiters: waiters, unread: UnreadAnswers(), revocations: revocations)
        }

        /// Where several desks share a store, what one of them writes wakes those who wait at another.
        func listenToOtherDesks() {
            let (api, elsewhere) = (api, elsewhere)
            store.disk.listen { news in
                switch news {
                case .conversation(let name):
                    guard let conversation = ConversationName(channel: name) else { break }
                    api.waiters.ring(MessageWaiters.bells(of: conversation))
                case .anything:
                    api.waiters.ringAll()
                    elsewhere?.sender.storeAnswered()
                    Task { try? await api.revocations.check() }
                case .account:
                    Task { try? await api.revocations.check() }
                    return
                }
                elsewhere?.sender.wake()
            }
        }

        /// Messages that were stored when the process before this one ended, and perhaps never published. Whoever has
        /// them already knows them by their id.
        func publishLeftovers() async {
            do {
                if let elsewhere {
                    try await store.leavePublishingToOutbox()
                    // Who is connected there stays connected while a desk is started anew.
                    try await store.announce(
                        [DeskEvents.deskChanged(api.lobby)], ofIdentity: api.identity, lane: api.lobby.channel)
                    return elsewhere.sender.wake()
                }
                try await store.clearOutbox()
                try await store.publishLeftovers {
                    hub.publish(DeskEvents.newMessage($0, excluding: nil, key: api.masterKey))
                }
            } catch {
                hub.logger.error("what may be unpublished could not be read or marked: \(error)")
            }
        }
    }

    private init(
        _ configuration: DeskConfiguration, _ parts: Parts, lock: HostLock, ownsLock: Bool
    ) async throws(DeskError) {
        self.lock = lock
        self.ownsLock = ownsLock
        folder = lock.folder
        certificate = parts.tls
        elsewhere = parts.elsewhere
        (app, store, hub, group, connections) = (parts.app, parts.store, parts.hub, parts.group, parts.connections)
        waiters = parts.api.waiters
        revocations = parts.api.revocations
        socket = try LocalSocket(lock.folder)
        patience = configuration.listen == nil ? .milliseconds(400) : .milliseconds(1_500)
        spread = configuration.listen == nil ? .zero : .milliseconds(1_500)
        let router = parts.api.makeRouter()
        let logger = configuration.logger
        func channel(_ door: Door, _ hosts: HostCheck) -> DeskChannel {
            DeskChannel(
                responder: DeskResponder(
                    router: router, door: door, hosts: hosts, proxies: configuration.proxies, hub: parts.hub,
                    unread: parts.api.unread
                ).respond,
                hub: parts.hub, connections: parts.connections, tls: door == .tcp ? parts.tls : nil, hosts: hosts,
                proxies: configuration.proxies)
        }
        let local: Listener
        do {
            local = try await Listener(
                .unixDomainSocket(path: socket.path), channel(.local, .any), group: group, logger: logger)
        } catch {
            throw DeskError(.cannotWrite, "\(lock.folder.socket): cannot be listened on (\(error))")
        }
        chmod(socket.path, 0o600)
        guard let listen = configuration.listen else {
            (listeners, address, port) = ([local], nil, nil)
            return
        }
        do {
            let setup = channel(.tcp, HostCheck(listen: listen.host, hosts: configuration.hosts))
            let tcp = try await Self.listen(listen, setup, group, logger)
            listeners = [local, tcp]
            let bound = tcp.channel.localAddress?.port ?? listen.port
            port = bound
            let scheme = parts.tls == nil ? "http" : "https"
            let host = listen.host == "*" ? tcp.channel.localAddress?.ipAddress ?? "*" : listen.host
            address = "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(bound)"
        } catch {
            await local.close()
            parts.connections.closeAll()
            await local.finish()
            unlink(lock.folder.socket)
            throw Self.explain(error, "\(listen.host):\(listen.port)")
        }
    }

    /// Called once, from any thread, when the desk can store nothing any more because its database was deleted, moved or
    /// replaced: `drain()` it then. Until then everything is answered with 503.
    package func whenStoreIsLost(_ action: @escaping @Sendable (DeskError) -> Void) {
        store.disk.whenLost { [logger = hub.logger] error in
            logger.critical("\(error)")
            action(error)
        }
    }

    /// Host `*` is every address of this machine: IPv6 and with it IPv4, or IPv4 alone on a machine without IPv6.
    private static func listen(
        _ address: (host: String, port: Int), _ setup: DeskChannel, _ group: any EventLoopGroup, _ logger: Logger
    ) async throws -> Listener {
        func listener(_ host: String) async throws -> Listener {
            try await Listener(.hostname(host, port: address.port), setup, group: group, logger: logger)
        }
        guard address.host == "*" else { return try await listener(address.host) }
        do {
            return try await listener("::")
        } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
            return try await listener("0.0.0.0")
        }
    }

    /// Reads the certificate anew for those who connect from now on. Where it cannot be used the one in use stays.
    package func reloadCertificate() throws(DeskError) {
        guard let certificate else { return hub.logger.notice("asked to read its files anew; it has no certificate") }
        do throws(DeskError) {
            try certificate.reload()
            hub.logger.notice("the certificate was read anew")
        } catch {
            hub.logger.error("\(error); the certificate in use stays")
            throw error
        }
    }

    /// Ends everything: nobody new is let in, every socket is closed with 4200, what is being answered is finished or cut
    /// off, the store is closed. Takes two seconds at most, and up to one and a half more with many connections; a local
    /// desk half a second. Twice is harmless.
    package func drain() async {
        guard
            isDrained.withLock({ isDrained in
                defer { isDrained = true }
                return !isDrained
            })
        else { return }
        hub.logger.notice("\(folder.path): closing, with \(hub.connectionCount) connected")
        // The door first: who is sent away with 4200 comes back at once, and is to find the next host and not this one.
        for listener in listeners { await listener.close() }
        if lock.isHeld { unlink(socket.path) }
        waiters.close()
        revocations.stop()
        let time = min(spread, .milliseconds(hub.connectionCount))
        hub.drain(over: time)
        let axe = Task { [connections, listeners, patience] in
            try await Task.sleep(for: time + patience)
            connections.closeAll()
            for listener in listeners { listener.cancel() }
        }
        for listener in listeners { await listener.finish() }
        await connections.end()
        axe.cancel()
        hub.stop()
        await elsewhere?.finish()
        try? await store.markPublished()
        await store.finish()
        try? await group.shutdownGracefully()
        if ownsLock { lock.release() }
    }

    private static func explain(_ error: any Error, _ address: String) -> DeskError {
        guard let error = error as? IOError else {
            return DeskError(
                .configuration, "\(address): cannot be listened on (\(error)); is that an address of this machine?")
        }
        switch error.errnoCode {
        case EADDRINUSE:
            return DeskError(
                .unavailable, "\(address): another program listens there; end it, or choose another port with --listen")
        case EACCES, EPERM:
            return DeskError(.refused, "\(address): you may not listen there; choose a port above 1023 with --listen")
        case EADDRNOTAVAIL:
            return DeskError(.configuration, "\(address): is no address of this machine; choose another with --listen")
        default:
            return DeskError(
                .unavailable, "\(address): cannot be listened on (\(SystemError.text(error.errnoCode)))")
        }
    }
}

extension HostLock {
    /// Starts the desk of the folder this lock is for, on its socket. `drain()` what it returns before `release()`.
    package func serve(rooms: [DeskRoom] = []) async throws(DeskError) -> DeskServer {
        try await DeskServer.start(.local(folder.path, rooms: rooms), lock: self, ownsLock: false)
    }
}
