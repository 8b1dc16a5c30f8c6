import GRDB

extension AccountStore {
    /// Only ever longer: what has been released is never changed.
    static let migrations: DatabaseMigrator = {
        var migrations = DatabaseMigrator()
        migrations.registerMigration("1 outbox, drafts, open") { db in
            try db.execute(
                sql: """
                    CREATE TABLE outbox (
                        position INTEGER PRIMARY KEY AUTOINCREMENT,
                        client_id TEXT NOT NULL UNIQUE,
                        conversation TEXT NOT NULL,
                        text BLOB NOT NULL,
                        at INTEGER NOT NULL,
                        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'failed')),
                        reason TEXT NOT NULL DEFAULT '',
                        owner_pid INTEGER NOT NULL,
                        owner_start INTEGER NOT NULL,
                        owner_boot TEXT NOT NULL
                    );
                    CREATE TABLE drafts (
                        saved INTEGER PRIMARY KEY AUTOINCREMENT,
                        conversation TEXT NOT NULL,
                        text BLOB NOT NULL,
                        owner_pid INTEGER NOT NULL,
                        owner_start INTEGER NOT NULL,
                        owner_boot TEXT NOT NULL,
                        UNIQUE (conversation, owner_pid, owner_start, owner_boot)
                    );
                    CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                    """)
        }
        migrations.registerMigration("2 answers") { db in
            try db.execute(
                sql: """
                    ALTER TABLE outbox ADD COLUMN answers TEXT;
                    ALTER TABLE outbox ADD COLUMN choice TEXT;
                    """)
        }
        return migrations
    }()
}
