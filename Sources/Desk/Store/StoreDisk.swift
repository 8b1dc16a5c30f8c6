/// Where a store keeps what it has: a file of SQLite, or a database of PostgreSQL. Work on it never runs on the caller's
/// thread, but for that of the verbs, which have no other.
protocol StoreDisk: Sendable {
    typealias Work<Answer> = @Sendable (any StoreConnection) throws -> Answer

    func read<Answer: Sendable>(_ work: @escaping Work<Answer>) async throws -> Answer

    /// Reads like `read`, but ends with `SearchTimeout` after `limit`.
    func search<Answer: Sendable>(within limit: Duration, _ work: @escaping Work<Answer>) async throws -> Answer

    /// In one transaction, and on the disk when it comes back. The work may be done again from its beginning, where it
    /// came to nothing.
    ///
    /// - Parameter after: called when it is on the disk, before any later change's where the desk has its own engine.
    func write<Answer: Sendable>(
        _ work: @escaping Work<Answer>, after: (@Sendable (Answer) -> Void)?
    ) async throws -> Answer

    /// On this thread, for the verbs.
    func readNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer
    func writeNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer

    /// Whether a change may be on the disk of which `after` was not told, since the connection broke between the two.
    var isUncertain: Bool { get }
    func settled()

    /// Called once, from any thread, when the store is gone for good: nothing can be stored there any more.
    func whenLost(_ action: @escaping @Sendable (DeskError) -> Void)

    /// Whether this desk is to publish what stands in the outbox; of several on one store it is one.
    var isPublisher: Bool { get }
    /// What other desks of the store did, from now on.
    func listen(_ news: @escaping @Sendable (StoreNews) -> Void)

    /// Whether something is there already that may be there once.
    func isDuplicate(_ error: any Error) -> Bool
    func explain(_ error: any Error) -> DeskError
    /// - Parameter waits: for others that use it at this moment.
    func close(waits: Bool)
}

extension StoreDisk {
    func whenLost(_ action: @escaping @Sendable (DeskError) -> Void) {}

    func write<Answer: Sendable>(_ work: @escaping Work<Answer>) async throws -> Answer {
        try await write(work, after: nil)
    }
}

/// What comes from the other desks of a store.
enum StoreNews: Sendable {
    /// A conversation has something new.
    case conversation(String)
    /// Somebody's account or token is no longer good.
    case account(String)
    /// Something may have been missed, or this desk is the one that publishes now.
    case anything
}
