import Chat
import Logging
import Synchronization

/// Ends the connections and held calls of users whose token or account is no longer good: those stand on a signature that
/// was given before.
///
/// Every revocation is a row of the store, so none is missed, whatever happened to the notice of it: notices and a rhythm
/// only say when to look.
final class RevocationWatch: Sendable {
    /// Between two looks where no notice came.
    static let rhythm: Duration = .seconds(2)

    private let store: DeskStore
    private let logger: Logger
    private let end: @Sendable (UserID) async -> Void
    /// The last row that was looked at.
    private let mark = Mutex<Int64>(0)
    private let rounds = Mutex<Task<Void, Never>?>(nil)
    private let looking = Mutex<Task<Void, any Error>?>(nil)

    /// - Parameter end: ends everything of a user.
    init(store: DeskStore, logger: Logger, end: @escaping @Sendable (UserID) async -> Void) {
        self.store = store
        self.logger = logger
        self.end = end
    }

    /// To be called before anybody is connected.
    func start(repeats: Bool) async throws(DeskError) {
        let last: Int64
        do { last = try await store.lastRevocation() } catch { throw store.disk.explain(error) }
        mark.withLock { $0 = last }
        guard repeats else { return }
        let task = Task { [weak self] in
            while (try? await Task.sleep(for: Self.rhythm)) != nil {
                guard let self else { return }
                // A store that cannot be read is told of by those who need it.
                _ = try? await check()
            }
        }
        rounds.withLock { $0 = task }
    }

    func stop() { rounds.withLock { $0 }?.cancel() }

    /// Ends what was revoked before this call. One look follows the other, so that all of it has ended on return, whichever
    /// look found it.
    func check() async throws {
        let look = looking.withLock { looking in
            let look = Task { [before = looking] in
                _ = await before?.result
                try await self.look()
            }
            looking = look
            return look
        }
        try await look.value
    }

    private func look() async throws {
        for row in try await store.revocations(after: mark.withLock { $0 }) {
            if let user = UserID(row.user) {
                logger.notice("\(user): the account or its token is no longer good; ending what stands on it")
                await end(user)
            }
            mark.withLock { $0 = row.key }
        }
    }
}
