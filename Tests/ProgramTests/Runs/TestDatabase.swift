import GRDB

/// Looks into a database from outside, also while the program has it open.
enum TestDatabase {
    /// The first value of the first row, as text.
    static func ask(_ sql: String, of path: String) throws -> String? {
        try DatabaseQueue(path: path).read { db in try String.fetchOne(db, sql: sql) }
    }
}
