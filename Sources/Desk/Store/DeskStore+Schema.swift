extension DeskStore {
    struct Migration: Sendable {
        let name: String
        let work: @Sendable (any StoreConnection) throws -> Void
    }

    /// Of every kind of store. Append-only: a migration that has been released is never changed, a new one follows it.
    static let migrations: [Migration] = [
        Migration(name: "1 users, conversations, messages") { db in
            try db.script(first(db.dialect))
            try db.execute("INSERT INTO meta (name, value) VALUES ('store', ?)", [Token.random(16)])
        },
        Migration(name: "2 search") { db in try db.script(db.dialect == .sqlite ? search : postgresSearch) },
        Migration(name: "3 questions") { db in try db.script(questions(db.dialect)) },
        Migration(name: "4 outbox") { db in try db.script(outbox(db.dialect)) },
        Migration(name: "5 words of the index") { db in if db.dialect == .sqlite { try db.script(indexWords) } },
        Migration(name: "6 search terms", work: rebuildSearchIndex),
        Migration(name: "7 waiting for a reply") { db in try db.script(waiting(db.dialect)) },
        Migration(name: "8 revocations") { db in try db.script(revocations(db.dialect)) },
    ]

    /// An index of words beside the messages. `scope` is a word of its own for each conversation, so that a search is
    /// narrowed to somebody's conversations inside the index and not row by row afterwards.
    private static let search = """
        CREATE VIEW searchable (key, text, scope) AS SELECT key, text, 'c' || conversation FROM messages;
        CREATE VIRTUAL TABLE message_words USING fts5 (
            text, scope, content = 'searchable', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
        );
        INSERT INTO message_words (message_words) VALUES ('rebuild');
        CREATE TRIGGER messages_searchable AFTER INSERT ON messages BEGIN
            INSERT INTO message_words (rowid, text, scope) VALUES (new.key, new.text, 'c' || new.conversation);
        END;
        """

    /// The words of SQLite's index in their order, so that those with the same beginning can be told.
    private static let indexWords = "CREATE VIRTUAL TABLE index_words USING fts5vocab (message_words, instance)"

    /// The same for PostgreSQL: each row the words of a message, and one for its conversation.
    private static let postgresSearch = """
        CREATE TABLE message_words (
            key BIGINT PRIMARY KEY REFERENCES messages,
            words TSVECTOR NOT NULL
        );
        CREATE INDEX message_words_words ON message_words USING gin (words) WITH (fastupdate = off);
        """

    /// What a message is beside its text: from a script, a question with choices, an answer to one. A question has one
    /// answer at most.
    private static func questions(_ dialect: StoreDialect) -> String {
        """
        ALTER TABLE messages ADD COLUMN automated \(dialect.integer) NOT NULL DEFAULT 0;
        ALTER TABLE messages ADD COLUMN choices TEXT;
        ALTER TABLE messages ADD COLUMN ask_until \(dialect.integer);
        ALTER TABLE messages ADD COLUMN answers TEXT;
        ALTER TABLE messages ADD COLUMN choice TEXT;
        ALTER TABLE messages ADD COLUMN late \(dialect.integer) NOT NULL DEFAULT 0;
        CREATE UNIQUE INDEX messages_answers ON messages (answers) WHERE answers IS NOT NULL;
        """
    }

    /// What waits for an engine elsewhere. A key is never used twice, so that a row struck out is not taken for a new one.
    private static func outbox(_ dialect: StoreDialect) -> String {
        """
        CREATE TABLE outbox (
            key \(dialect.freshKey),
            lane TEXT NOT NULL,
            name TEXT NOT NULL,
            channel TEXT NOT NULL,
            data TEXT NOT NULL,
            excluding TEXT,
            at \(dialect.integer) NOT NULL
        );
        """
    }

    /// Up to which message a reader has said that no reply is needed, and an index of the messages that start or stop a
    /// waiting clock (`DeskStore+Waiting`).
    private static func waiting(_ dialect: StoreDialect) -> String {
        """
        ALTER TABLE participants ADD COLUMN settled \(dialect.integer) NOT NULL DEFAULT 0;
        CREATE INDEX messages_waiting ON messages (conversation, sender, seq) WHERE \(movesClock);
        """
    }

    /// What makes a million messages as quick as a thousand:
    /// * a page is a range of `messages_seq`, whose bounds are known before it is read (`last_seq`);
    /// * a list of conversations is a range of `participants_activity`;
    /// * a count of unseen messages is a subtraction: the messages since `seen` less the reader's own among them. How
    ///   many of the first n messages are somebody's own is written in their last one up to n (`sender_count`), found
    ///   with one step in `messages_sender`.
    private static func first(_ dialect: StoreDialect) -> String {
        """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY NOT NULL,
            \(dialect.anything)
        )\(dialect.keyedTable);
        CREATE TABLE users (
            key \(dialect.key),
            id \(dialect.text) NOT NULL UNIQUE,
            name TEXT NOT NULL,
            token_hash \(dialect.bytes) UNIQUE,
            created_at \(dialect.integer) NOT NULL,
            removed_at \(dialect.integer)
        );
        CREATE TABLE conversations (
            key \(dialect.key),
            name \(dialect.text) NOT NULL UNIQUE,
            last_seq \(dialect.integer) NOT NULL DEFAULT 0,
            last_message \(dialect.integer) NOT NULL DEFAULT 0
        );
        CREATE TABLE messages (
            key \(dialect.key),
            id \(dialect.text) NOT NULL UNIQUE,
            conversation \(dialect.integer) NOT NULL REFERENCES conversations,
            seq \(dialect.integer) NOT NULL,
            sender \(dialect.integer) NOT NULL REFERENCES users,
            sender_count \(dialect.integer) NOT NULL,
            client_id TEXT NOT NULL,
            at \(dialect.integer) NOT NULL,
            text TEXT NOT NULL
        );
        CREATE UNIQUE INDEX messages_seq ON messages (conversation, seq);
        CREATE UNIQUE INDEX messages_client ON messages (sender, client_id);
        CREATE INDEX messages_sender ON messages (conversation, sender, seq, sender_count);
        CREATE TABLE participants (
            "user" \(dialect.integer) NOT NULL REFERENCES users,
            conversation \(dialect.integer) NOT NULL REFERENCES conversations,
            seen \(dialect.integer) NOT NULL DEFAULT 0,
            activity \(dialect.integer) NOT NULL DEFAULT 0,
            PRIMARY KEY ("user", conversation)
        )\(dialect.keyedTable);
        CREATE INDEX participants_activity ON participants ("user", activity);
        """
    }
}
