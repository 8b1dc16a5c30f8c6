import Chat

/// The index of search terms in SQLite: FTS5, with the terms of a message separated by spaces.
enum SQLiteSearchIndex {
    /// Keys of messages that match a query, the newest first.
    static let candidates = """
        SELECT rowid AS key FROM message_terms WHERE message_terms MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?
        """

    /// Nothing but which message has which term is kept. One and two letters are looked up as fast as words.
    static let schema = """
        CREATE VIRTUAL TABLE message_terms USING fts5 (
            terms, content = '', detail = none, columnsize = 0, prefix = '1 2', tokenize = 'ascii'
        );
        CREATE VIRTUAL TABLE index_terms USING fts5vocab (message_terms, instance);
        """

    static let removal = """
        DROP TRIGGER messages_searchable;
        DROP TABLE index_words;
        DROP TABLE message_words;
        DROP VIEW searchable;
        """

    static func query(_ wanted: [SearchTerms.Wanted], _ scopes: [String], _ db: any StoreConnection) throws -> String {
        let terms = try wanted.map { wanted in
            switch wanted {
            case .exact(let term): quoted(term)
            case .beginning(let start): try beginning(start, db)
            }
        }
        return (["(\(scopes.map(quoted).joined(separator: " OR ")))"] + terms).joined(separator: " AND ")
    }

    /// Terms hold no quotation marks.
    private static func quoted(_ term: String) -> String { "\"\(term)\"" }

    /// The most terms with the same beginning that are looked up one by one.
    private static let mostTerms = 100

    /// All terms that begin like this. FTS5 reads every message of every such term before it returns the first, unless the
    /// beginning has one or two letters; asked for the terms themselves, it reads as many as are wanted.
    private static func beginning(_ start: String, _ db: any StoreConnection) throws -> String {
        let asBeginning = quoted(start) + "*"
        guard start.unicodeScalars.count > 2 else { return asBeginning }
        var found: [String] = []
        var next = start
        let sql = "SELECT term FROM index_terms WHERE term >= ? AND term < ? LIMIT 1"
        while let term: String = try db.value(sql, [next, start + "\u{10FFFF}"]) {
            guard found.count < mostTerms else { return asBeginning }
            found.append(quoted(term))
            // No term lies between a term and the same with this scalar after it.
            next = term + "\u{1}"
        }
        return found.isEmpty ? asBeginning : "(" + found.joined(separator: " OR ") + ")"
    }
}

/// The index of search terms in PostgreSQL: a `tsvector` for each message, whose lexemes are the terms.
enum PostgresSearchIndex {
    static let candidates = """
        SELECT key FROM message_terms WHERE terms @@ ?::tsquery AND key < ? ORDER BY key DESC LIMIT ?
        """

    /// The same among the newest messages only.
    static func newestCandidates(_ count: Int) -> String {
        """
        SELECT key FROM (SELECT key, terms FROM message_terms ORDER BY key DESC LIMIT \(count)) AS newest
        WHERE terms @@ ?::tsquery AND key < ? ORDER BY key DESC LIMIT ?
        """
    }

    static let schema = """
        DROP TABLE message_words;
        CREATE TABLE message_terms (key BIGINT PRIMARY KEY REFERENCES messages, terms TSVECTOR NOT NULL);
        """
    /// After the table has been filled, which is faster.
    static let index = "CREATE INDEX message_terms_terms ON message_terms USING gin (terms) WITH (fastupdate = off)"

    static func query(_ wanted: [SearchTerms.Wanted], _ scopes: [String]) -> String {
        let terms = wanted.map { wanted in
            switch wanted {
            case .exact(let term): quoted(term)
            case .beginning(let start): quoted(start) + ":*"
            }
        }
        return (["(\(scopes.map(quoted).joined(separator: " | ")))"] + terms).joined(separator: " & ")
    }

    /// Terms hold no quotation marks and no backslashes.
    private static func quoted(_ term: String) -> String { "'\(term)'" }
}

extension DeskStore {
    /// Puts a message into the index of search terms.
    static func index(
        _ key: Int64, _ text: String, in conversation: ConversationName, _ conversationKey: Int64,
        _ db: any StoreConnection
    ) throws {
        let terms = SearchTerms.all(of: text, in: conversation, key: conversationKey).joined(separator: " ")
        switch db.dialect {
        case .sqlite: try db.execute("INSERT INTO message_terms (rowid, terms) VALUES (?, ?)", [key, terms])
        case .postgres:
            try db.execute(
                "INSERT INTO message_terms (key, terms) VALUES (?, array_to_tsvector(string_to_array(?, ' ')))",
                [key, terms])
        }
    }

    /// Makes the index anew from the messages, a page of them in memory at a time.
    static func rebuildSearchIndex(_ db: any StoreConnection) throws {
        switch db.dialect {
        case .sqlite: try db.script(SQLiteSearchIndex.removal + SQLiteSearchIndex.schema)
        case .postgres: try db.script(PostgresSearchIndex.schema)
        }
        let sql = """
            SELECT m.key, m.text, c.name, c.key FROM messages m JOIN conversations c ON c.key = m.conversation
            WHERE m.key > ? ORDER BY m.key LIMIT 500
            """
        var last: Int64 = 0
        while true {
            let rows = try db.rows(sql, [last])
            for row in rows {
                last = row[0]
                guard let name = ConversationName(channel: row[2]) else { continue }
                try index(last, row[1], in: name, row[3], db)
            }
            guard rows.count == 500 else { break }
        }
        if db.dialect == .postgres { try db.script(PostgresSearchIndex.index) }
    }
}
