package import Chat
import FoundationEssentials
import GRDB

/// The accounts of the desk in a folder, also while it runs: both work on the same database.
package struct Accounts: Sendable {
    private let store: DeskStore

    /// - Parameter folder: the desk's data folder; made when it is missing.
    package init(folder: String, lobby: ConversationName = .lobby) throws(DeskError) {
        let folder = LocalFolder(folder)
        try folder.prepare(isDoor: false)
        try LocalDesk.clearFormerLogOfNobody(folder)
        store = try DeskStore(path: folder.database, lobby: lobby.channel)
    }

    /// Makes an account and returns its token, which is shown this once.
    ///
    /// - Parameter name: as others see it; the id where it is nil or blank.
    package func add(_ id: UserID, name: String?) throws(DeskError) -> String {
        let token = Token.make()
        let given = name.map { String($0.drop(while: \.isWhitespace)) } ?? ""
        guard given.unicodeScalars.count <= 100 else {
            throw DeskError(.badInput, "a name has at most 100 characters; this one has \(given.unicodeScalars.count)")
        }
        try write { db in
            guard try DeskStore.user(id, db) == nil else {
                throw DeskError(.badInput, "\(id): has an account here; parley user token \(id) makes a new token")
            }
            _ = try DeskStore.insert(
                id, name: given.isEmpty ? id.text : given, tokenHash: Token.hash(token), lobby: store.lobby, db)
        }
        return token
    }

    package func list() throws(DeskError) -> [(id: UserID, name: String)] {
        do {
            return try store.pool.read { db in try DeskStore.users(db) }.map { ($0.id, $0.name) }
        } catch {
            throw DeskStore.explain(error, store.pool.path)
        }
    }

    /// The account can no longer sign in and is in nobody's list; what it said stays in the conversations.
    package func remove(_ id: UserID) throws(DeskError) {
        try write { db in
            try db.execute(
                sql: "UPDATE users SET removed_at = ?, token_hash = NULL WHERE id = ? AND removed_at IS NULL",
                arguments: [WallClock.now().milliseconds, id.text])
            guard db.changesCount == 1 else { throw Self.unknown(id) }
        }
    }

    /// A new token; the old one is no longer good.
    package func newToken(_ id: UserID) throws(DeskError) -> String {
        let token = Token.make()
        try write { db in
            try db.execute(
                sql: "UPDATE users SET token_hash = ? WHERE id = ? AND removed_at IS NULL",
                arguments: [Data(Token.hash(token)), id.text])
            guard db.changesCount == 1 else { throw Self.unknown(id) }
        }
        return token
    }

    package func close() { store.close(waits: false) }

    private static func unknown(_ id: UserID) -> DeskError {
        DeskError(.noSuchUser, "\(id): has no account on this desk; parley user list shows who has")
    }

    private func write(_ change: (Database) throws -> Void) throws(DeskError) {
        do {
            try store.pool.write(change)
        } catch let error as DeskError {
            throw error
        } catch {
            throw DeskStore.explain(error, store.pool.path)
        }
    }
}
