package import Chat
import FoundationEssentials

/// The accounts of a desk, also while it runs: both work on the same database.
package struct Accounts: Sendable {
    private let store: DeskStore

    /// - Parameters:
    ///   - folder: the desk's data folder; made when it is missing.
    ///   - store: the database where it is not in that folder, which is not looked at then.
    package init(folder: String, store: PostgresURL? = nil) throws(DeskError) {
        self.store = try DeskStore.open(LocalFolder(folder), store)
    }

    /// Makes an account and returns its token, which is shown this once.
    ///
    /// - Parameters:
    ///   - name: as others see it; the id where it is nil or blank.
    ///   - keepsHistory: takes up an account that was removed, for the same person: with its conversations and rooms. The
    ///     id is refused without it, since whoever has an id reads what it said and was told before.
    package func add(_ id: UserID, name: String?, keepsHistory: Bool = false) throws(DeskError) -> String {
        let token = Token.make()
        let given = name.map { String($0.drop(while: \.isWhitespace)) } ?? ""
        guard given.unicodeScalars.count <= 100 else {
            throw DeskError(.badInput, "a name has at most 100 characters; this one has \(given.unicodeScalars.count)")
        }
        try write { db in
            guard try DeskStore.user(id, db) == nil else {
                throw DeskError(.badInput, "\(id): has an account here; parley user token \(id) makes a new token")
            }
            if !keepsHistory, try DeskStore.isRemoved(id, db) {
                throw DeskError(
                    .badInput,
                    "\(id): belonged to an account that was removed, whose conversations are kept; choose another id, or"
                        + " give --keep-history if this is the same person")
            }
            _ = try DeskStore.insert(
                id, name: given.isEmpty ? id.text : given, tokenHash: Token.hash(token), db)
        }
        return token
    }

    package func list() throws(DeskError) -> [(id: UserID, name: String)] {
        do {
            return try store.disk.readNow { db in try DeskStore.users(db) }.map { ($0.id, $0.name) }
        } catch {
            throw store.disk.explain(error)
        }
    }

    /// The account can no longer sign in and is in nobody's list; what it said stays in the conversations.
    package func remove(_ id: UserID) throws(DeskError) {
        try write { db in
            let changed = try db.execute(
                "UPDATE users SET removed_at = ?, token_hash = NULL WHERE id = ? AND removed_at IS NULL",
                [WallClock.now().milliseconds, id.text])
            guard changed == 1 else { throw Self.unknown(id) }
            try DeskStore.noteRevocation(of: id, db)
        }
    }

    /// A new token; the old one is no longer good.
    package func newToken(_ id: UserID) throws(DeskError) -> String {
        let token = Token.make()
        try write { db in
            let changed = try db.execute(
                "UPDATE users SET token_hash = ? WHERE id = ? AND removed_at IS NULL",
                [Data(Token.hash(token)), id.text])
            guard changed == 1 else { throw Self.unknown(id) }
            try DeskStore.noteRevocation(of: id, db)
        }
        return token
    }

    package func close() { store.close(waits: false) }

    private static func unknown(_ id: UserID) -> DeskError {
        DeskError(.noSuchUser, "\(id): has no account on this desk; parley user list shows who has")
    }

    private func write(_ change: @Sendable (any StoreConnection) throws -> Void) throws(DeskError) {
        do {
            try store.disk.writeNow(change)
        } catch let error as DeskError {
            throw error
        } catch {
            throw store.disk.explain(error)
        }
    }
}
