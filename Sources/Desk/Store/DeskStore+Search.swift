import Chat

extension DeskStore {
    /// How many of the user's conversations, the newest first, are searched at once.
    private static let scopes = 200
    /// How many messages of all, the newest, are looked through for beginnings before PostgreSQL's index is asked.
    private static let nearby = 20_000

    /// The messages of somebody's own conversations and of the rooms that hold all the words of `query`, those with
    /// whole words before those with beginnings, in each the newest first.
    ///
    /// - Parameter conversation: only there.
    func search(
        _ query: String, by user: DeskUser, in conversation: ConversationName?, rooms: [String], limit: Int
    ) async throws -> [StoredMessage] {
        // By scalars: a quote with a combining mark after it is another Character, and a quote all the same.
        let words = query.unicodeScalars.split { $0.properties.isWhitespace || $0 == "\"" || $0 == "\0" }
            .prefix(16).map { Substring($0) }
        guard !words.isEmpty else { return [] }
        return try await disk.read { db in
            let keys: [Int64]
            let roomKeys = try rooms.compactMap { try Self.existingConversation($0, db)?.key }
            if let conversation {
                keys = try Self.existingConversation(conversation.channel, db).map { [$0.key] } ?? []
            } else {
                let sql = """
                    SELECT conversation FROM participants WHERE "user" = ? AND activity > 0 ORDER BY activity DESC LIMIT ?
                    """
                keys =
                    try db.rows(sql, [user.key, Self.scopes]).map { $0[0] }
                    + roomKeys
            }
            guard !keys.isEmpty else { return [] }
            // Whole words are found without reading all there is of them; beginnings only where those are too few.
            let reader = Reader(user: user.key, rooms: roomKeys)
            var found = try Self.newest(words, in: keys, of: reader, isBeginning: false, limit, db)
            if found.count < limit {
                let known = Set(found.map(\.key))
                let more = try Self.newest(words, in: keys, of: reader, isBeginning: true, limit + found.count, db)
                found += more.filter { !known.contains($0.key) }
            }
            return found.prefix(limit).map(\.message)
        }
    }

    /// The user who searches, and the rooms that this user may read.
    private struct Reader {
        let user: Int64
        let rooms: [Int64]

        /// Checks each result in the statement that finds it, whatever the index returned.
        var condition: String {
            let own =
                "m.conversation IN (SELECT conversation FROM participants WHERE \"user\" = \(user) AND activity > 0)"
            return rooms.isEmpty
                ? own : "(\(own) OR m.conversation IN (\(rooms.map(String.init).joined(separator: ", "))))"
        }
    }

    private static func newest(
        _ words: [Substring], in keys: [Int64], of reader: Reader, isBeginning: Bool, _ limit: Int,
        _ db: any StoreConnection
    ) throws -> [(key: Int64, message: StoredMessage)] {
        let match: String
        let index: String
        /// The same of the newest messages only.
        var near: String?
        switch db.dialect {
        case .sqlite:
            let scope = keys.map { "c\($0)" }.joined(separator: " OR ")
            let wanted = try words.map { try isBeginning ? beginning($0, db) : quoted($0) }.joined(separator: " AND ")
            match = "scope : (\(scope)) AND text : (\(wanted))"
            index = "SELECT rowid AS key FROM message_words WHERE message_words MATCH ? ORDER BY rowid DESC LIMIT ?"
        case .postgres:
            guard let query = SearchWords.query(words, in: keys, isBeginning: isBeginning) else { return [] }
            match = query
            func matches(in table: String) -> String {
                "SELECT key FROM \(table) WHERE words @@ ?::tsquery ORDER BY key DESC LIMIT ?"
            }
            index = matches(in: "message_words")
            // The server knows how common a word is, but of beginnings it may read every message that has one.
            if isBeginning {
                near = matches(
                    in: "(SELECT key, words FROM message_words ORDER BY key DESC LIMIT \(Self.nearby)) AS newest")
            }
        }
        func found(_ index: String) throws -> [(key: Int64, message: StoredMessage)] {
            let sql = """
                \(select) JOIN (\(index)) AS found ON found.key = m.key WHERE \(reader.condition) ORDER BY m.key DESC
                """
            return try db.rows(sql, [match, limit]).map { ($0[7], message($0)) }
        }
        if let near {
            let newest = try found(near)
            if newest.count >= limit { return newest }
        }
        return try found(index)
    }

    /// Writes the words of a message into the index, where that does not do it by itself.
    static func index(_ key: Int64, _ text: String, in conversation: Int64, _ db: any StoreConnection) throws {
        guard db.dialect == .postgres else { return }
        let words = ([SearchWords.scope(conversation)] + SearchWords.all(of: text)).joined(separator: " ")
        try db.execute(
            "INSERT INTO message_words (key, words) VALUES (?, array_to_tsvector(string_to_array(?, ' ')))",
            [key, words])
    }

    /// What was typed, as a word of SQLite's own language: quoted, so that none of it is an operator.
    private static func quoted(_ word: some StringProtocol) -> String { "\"\(word)\"" }

    /// The most words with the same beginning that are asked for one by one.
    private static let mostWords = 100

    /// All words of SQLite's index that begin like this. Asked for a beginning, the index reads every message of every such
    /// word before it tells the first; asked for words, it reads as many as are wanted.
    private static func beginning(_ typed: Substring, _ db: any StoreConnection) throws -> String {
        let asBeginning = quoted(typed) + "*"
        let words = SearchWords.all(of: typed)
        guard words.count == 1, let first = words.first else { return asBeginning }
        var found: [String] = []
        var next = first
        let sql = "SELECT term FROM index_words WHERE term >= ? AND term < ? LIMIT 1"
        while let word: String = try db.value(sql, [next, first + "\u{10FFFF}"]) {
            guard found.count < mostWords else { return asBeginning }
            found.append(quoted(word))
            // No word has anything between itself and this.
            next = word + "\u{1}"
        }
        return found.isEmpty ? asBeginning : "(" + found.joined(separator: " OR ") + ")"
    }
}
