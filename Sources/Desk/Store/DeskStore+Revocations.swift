import Chat

/// Every time a token or an account was revoked, as a row: a desk that missed the notice finds it here.
extension DeskStore {
    /// Rows that are kept. A desk looks every few seconds, so it needs the newest few.
    private static let kept = 10_000

    static func revocations(_ dialect: StoreDialect) -> String {
        """
        CREATE TABLE revocations (
            key \(dialect.freshKey),
            "user" \(dialect.text) NOT NULL
        );
        """
    }

    /// In the transaction that revokes.
    static func noteRevocation(of id: UserID, _ db: any StoreConnection) throws {
        // One transaction after the other, so that rows come to be seen in the order of their keys.
        if db.dialect == .postgres { try db.execute("LOCK TABLE revocations IN EXCLUSIVE MODE", []) }
        let key: Int64? = try db.value(#"INSERT INTO revocations ("user") VALUES (?) RETURNING key"#, [id.text])
        try db.execute("DELETE FROM revocations WHERE key <= ?", [(key ?? 0) - Int64(kept)])
        try tell(.account(id.text), db)
    }

    /// The key of the newest row; 0 where there is none.
    func lastRevocation() async throws -> Int64 {
        try await disk.read { db in try db.value("SELECT max(key) FROM revocations") ?? 0 }
    }

    func revocations(after key: Int64) async throws -> [(key: Int64, user: String)] {
        try await disk.read { db in
            try db.rows(#"SELECT key, "user" FROM revocations WHERE key > ? ORDER BY key"#, [key])
                .map { ($0[0], $0[1]) }
        }
    }
}
