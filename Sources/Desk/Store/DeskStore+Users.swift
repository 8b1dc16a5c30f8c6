import Chat
import FoundationEssentials

extension DeskStore {
    /// The user a bearer token belongs to.
    func user(token: String) async throws -> DeskUser? {
        let hash = Token.hash(token)
        return try await disk.read { db in
            let sql = "SELECT key, id, name, token_hash FROM users WHERE token_hash = ? AND removed_at IS NULL"
            guard let row = try db.row(sql, [Data(hash)]),
                let stored = row[3] as Data?, Token.matches(Array(stored), hash)
            else { return nil }
            return Self.user(row)
        }
    }

    func user(_ id: UserID) async throws -> DeskUser? {
        try await disk.read { db in try Self.user(id, db) }
    }

    /// Whether there is an account of that id.
    func hasAccount(_ id: UserID) async throws -> Bool { try await user(id) != nil }

    /// Whether anything was said in a conversation.
    func has(_ conversation: ConversationName) async throws -> Bool {
        try await disk.read { db in try Self.existingConversation(conversation.channel, db) != nil }
    }

    /// The account of that id, made when there is none; a removed one is taken up again.
    func userOnFirstUse(_ id: UserID) async throws -> DeskUser {
        if let known = try await user(id) { return known }
        return try await disk.write { db in try Self.userOnFirstUse(id, db) }
    }

    /// Likewise, but nil where the account was removed.
    func userUnlessRemoved(_ id: UserID) async throws -> DeskUser? {
        if let known = try await user(id) { return known }
        return try await disk.write { db in
            try Self.isRemoved(id, db) ? nil : try Self.userOnFirstUse(id, db)
        }
    }

    static func isRemoved(_ id: UserID, _ db: any StoreConnection) throws -> Bool {
        try db.row("SELECT 1 FROM users WHERE id = ? AND removed_at IS NOT NULL", [id.text]) != nil
    }

    /// Everybody with an account, by id.
    func users() async throws -> [DeskUser] {
        try await disk.read { db in try Self.users(db) }
    }

    static func users(_ db: any StoreConnection) throws -> [DeskUser] {
        try db.rows("SELECT key, id, name FROM users WHERE removed_at IS NULL ORDER BY id", []).compactMap(user)
    }

    static func user(_ id: UserID, _ db: any StoreConnection) throws -> DeskUser? {
        try db.row("SELECT key, id, name FROM users WHERE id = ? AND removed_at IS NULL", [id.text]).flatMap(user)
    }

    static func userOnFirstUse(_ id: UserID, _ db: any StoreConnection) throws -> DeskUser {
        if let known = try user(id, db) { return known }
        return try insert(id, name: id.text, tokenHash: nil, db)
    }

    /// A new account, or a removed one that is taken up again under the same id. What was said in rooms before
    /// they came does not count as unseen for them.
    static func insert(_ id: UserID, name: String, tokenHash: [UInt8]?, _ db: any StoreConnection) throws -> DeskUser {
        try db.execute(
            """
            INSERT INTO users (id, name, token_hash, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, token_hash = excluded.token_hash, removed_at = NULL
            """, [id.text, name, tokenHash.map { Data($0) }, WallClock.now().milliseconds])
        guard let user = try user(id, db) else { throw StoreFault(description: "the account was not stored") }
        try db.execute(
            """
            INSERT INTO participants ("user", conversation, seen)
            SELECT ?, key, last_seq FROM conversations WHERE name >= 'presence-' AND name < 'presence.'
            ON CONFLICT DO NOTHING
            """, [user.key])
        return user
    }

    private static func user(_ row: StoreRow) -> DeskUser? {
        UserID(row[1] as String).map { DeskUser(key: row[0], id: $0, name: row[2]) }
    }
}
