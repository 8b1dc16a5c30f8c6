import Desk
import Glibc
import Synchronization

/// How a process gets at the desk in its user's folder: as a guest, or by hosting it where nobody does.
final class LocalDeskDoor: Sendable {
    let folder: String
    /// Those it has when this process hosts it.
    private let rooms: [DeskRoom]
    private let state = Mutex<State>(.guest)
    /// How long another process may take from the lock to the socket.
    private static let patience: Duration = .seconds(3)
    private static let stoppedPatience: Duration = .milliseconds(700)

    private enum State {
        case guest
        /// Somebody looks or starts already; others wait for the same outcome.
        case looking(Task<Void, any Error>)
        case hosting(HostLock, DeskServer)
    }

    init(folder: String, rooms: [DeskRoom] = []) {
        self.folder = folder
        self.rooms = rooms
    }

    var isHosting: Bool {
        state.withLock { if case .hosting = $0 { true } else { false } }
    }

    /// Who holds the desk, if it is another process that still lives; read from its lock.
    func otherHolder() -> (pid: Int32, isStopped: Bool)? {
        guard !isHosting, let holder = LocalDesk.holder(folder), holder.pid != getpid() else { return nil }
        return holder
    }

    /// Comes back when somebody answers at the desk's socket: at the latest, nobody else being there, this process.
    /// Throws a `Failure` when the desk cannot be hosted here, or its host is stopped.
    func ensureHost() async throws {
        let task = state.withLock { state -> Task<Void, any Error>? in
            switch state {
            case .hosting: return nil
            case .looking(let task): return task
            case .guest:
                let task = Task { try await self.look() }
                state = .looking(task)
                return task
            }
        }
        try await task?.value
    }

    /// Gives the desk to whoever takes it next: sockets closed with 4200, listener closed, lock released.
    func handOver() async {
        if case .looking(let task) = state.withLock({ $0 }) { _ = await task.result }
        let hosted = state.withLock { state -> (HostLock, DeskServer)? in
            guard case .hosting(let lock, let server) = state else { return nil }
            state = .guest
            return (lock, server)
        }
        guard let (lock, server) = hosted else { return }
        await server.drain()
        lock.release()
    }

    static func stopped(_ pid: Int32) -> Failure {
        Failure(
            .unavailable, "the desk's host (pid \(pid)) is stopped; wake it with fg or kill -CONT \(pid), or end it")
    }

    private func look() async throws {
        do {
            let hosted = try await hostOrJoin()
            state.withLock { $0 = hosted.map { .hosting($0.0, $0.1) } ?? .guest }
            // Whoever hosts next, perhaps this process, opens the database that is there then.
            hosted?.1.whenStoreIsLost { [weak self] _ in Task { await self?.handOver() } }
        } catch {
            state.withLock { $0 = .guest }
            throw error
        }
    }

    /// Nil: another process hosts and takes connections.
    private func hostOrJoin() async throws -> (HostLock, DeskServer)? {
        let end = Now.uptime + Self.patience
        var stoppedSince: Duration?
        while true {
            if let hosted = try await host() { return hosted }
            let holder = LocalDesk.holder(folder)
            // Somebody may only have been stopped for a moment.
            stoppedSince = holder?.isStopped == true ? stoppedSince ?? Now.uptime : nil
            if let stoppedSince, let holder, Now.uptime - stoppedSince > Self.stoppedPatience {
                throw Self.stopped(holder.pid)
            }
            do throws(DeskError) { try LocalDesk.checkSocket(folder) } catch { throw Failure(error) }
            if stoppedSince == nil, Self.answers(folder + "/desk.sock") { return nil }
            guard Now.uptime < end else {
                let who = holder.map { "the desk's host (pid \($0.pid))" } ?? "another program"
                throw Failure(.unavailable, "\(folder): \(who) holds the desk and does not answer; end it")
            }
            try await Task.sleep(for: .milliseconds(25))
        }
    }

    private func host() async throws -> (HostLock, DeskServer)? {
        do throws(DeskError) {
            guard let lock = try LocalDesk.tryHost(folder) else { return nil }
            do throws(DeskError) {
                return (lock, try await lock.serve(rooms: rooms))
            } catch {
                lock.release()
                throw error
            }
        } catch {
            throw Failure(error)
        }
    }

    /// Whether a connection to the socket is taken. One that is not read by anybody, the host being stopped, is too.
    private static func answers(_ path: String) -> Bool {
        guard let descriptor = LocalStream.connect(path, waits: false) else { return false }
        close(descriptor)
        return true
    }
}
