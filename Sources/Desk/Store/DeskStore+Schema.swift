import GRDB

extension DeskStore {
    /// Append-only: a migration that has been released is never changed, a new one follows it.
    static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 users, conversations, messages") { db in
            try db.execute(sql: first)
            try db.execute(sql: "INSERT INTO meta (name, value) VALUES ('store', ?)", arguments: [Token.random(16)])
        }
        migrator.registerMigration("2 search") { db in try db.execute(sql: search) }
        migrator.registerMigration("3 questions") { db in try db.execute(sql: questions) }
        migrator.registerMigration("4 outbox") { db in try db.execute(sql: outbox) }
        return migrator
    }

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

    /// What a message is beside its text: from a script, a question with choices, an answer to one. A question has one
    /// answer at most.
    private static let questions = """
        ALTER TABLE messages ADD COLUMN automated INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE messages ADD COLUMN choices TEXT;
        ALTER TABLE messages ADD COLUMN ask_until INTEGER;
        ALTER TABLE messages ADD COLUMN answers TEXT;
        ALTER TABLE messages ADD COLUMN choice TEXT;
        ALTER TABLE messages ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
        CREATE UNIQUE INDEX messages_answers ON messages (answers) WHERE answers IS NOT NULL;
        """

    /// What waits for an engine elsewhere. A key is never used twice, so that a row struck out is not taken for a new one.
    private static let outbox = """
        CREATE TABLE outbox (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            lane TEXT NOT NULL,
            name TEXT NOT NULL,
            channel TEXT NOT NULL,
            data TEXT NOT NULL,
            excluding TEXT,
            at INTEGER NOT NULL
        );
        """

    /// What makes a million messages as quick as a thousand:
    /// * a page is a range of `messages_seq`, whose bounds are known before it is read (`last_seq`);
    /// * a list of conversations is a range of `participants_activity`;
    /// * a count of unseen messages is a subtraction: the messages since `seen` less the reader's own among them. How
    ///   many of the first n messages are somebody's own is written in their last one up to n (`sender_count`), found
    ///   with one step in `messages_sender`.
    private static let first = """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY NOT NULL,
            value NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE users (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            token_hash BLOB UNIQUE,
            created_at INTEGER NOT NULL,
            removed_at INTEGER
        );
        CREATE TABLE conversations (
            key INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            last_seq INTEGER NOT NULL DEFAULT 0,
            last_message INTEGER NOT NULL DEFAULT 0
        );
        CREATE TABLE messages (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation INTEGER NOT NULL REFERENCES conversations,
            seq INTEGER NOT NULL,
            sender INTEGER NOT NULL REFERENCES users,
            sender_count INTEGER NOT NULL,
            client_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            text TEXT NOT NULL
        );
        CREATE UNIQUE INDEX messages_seq ON messages (conversation, seq);
        CREATE UNIQUE INDEX messages_client ON messages (sender, client_id);
        CREATE INDEX messages_sender ON messages (conversation, sender, seq, sender_count);
        CREATE TABLE participants (
            user INTEGER NOT NULL REFERENCES users,
            conversation INTEGER NOT NULL REFERENCES conversations,
            seen INTEGER NOT NULL DEFAULT 0,
            activity INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (user, conversation)
        ) WITHOUT ROWID;
        CREATE INDEX participants_activity ON participants (user, activity);
        """
}
