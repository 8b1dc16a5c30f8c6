/// The tables, indexes, views and triggers that the migrations leave behind, read from their statements. A store that
/// lacks one of them is damaged.
struct SchemaObjects: Equatable, Sendable {
    private(set) var names: Set<String> = []
    /// The table that an index or a trigger goes with.
    private var owners: [String: String] = [:]

    /// Those of a store of that kind when all migrations are done.
    static func expected(_ dialect: StoreDialect) -> Set<String> {
        let recorder = Recorder(dialect: dialect)
        // A migration that needs rows to go on gets none; what it made before that counts.
        for migration in DeskStore.migrations { try? migration.work(recorder) }
        return recorder.objects.names
    }

    mutating func read(_ sql: String) {
        for statement in sql.split(separator: ";") {
            let words = statement.split { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == "," }
            read(words.map { $0.filter { $0 != "\"" } })
        }
    }

    private mutating func read(_ words: [String]) {
        let verbs = words.prefix(6).map { $0.uppercased() }
        guard let verb = verbs.first, verb == "CREATE" || verb == "DROP" || verb == "ALTER",
            let kind = verbs.firstIndex(where: { ["TABLE", "INDEX", "VIEW", "TRIGGER"].contains($0) })
        else { return }
        let rest = words.dropFirst(kind + 1).drop { ["IF", "NOT", "EXISTS"].contains($0.uppercased()) }
        guard let name = rest.first else { return }
        switch verb {
        case "CREATE" where !verbs[..<kind].contains("TEMP"):
            names.insert(name)
            guard verbs[kind] == "INDEX" || verbs[kind] == "TRIGGER",
                let on = rest.firstIndex(where: { $0.uppercased() == "ON" })
            else { return }
            owners[name] = rest[(on + 1)...].first
        case "DROP":
            names.remove(name)
            names.subtract(owners.filter { $0.value == name }.keys)
        case "ALTER":
            let words = rest.map { $0.uppercased() }
            guard words.count == 4, words[1...2] == ["RENAME", "TO"], let new = rest.last else { return }
            names.remove(name)
            names.insert(new)
            for (object, owner) in owners where owner == name { owners[object] = new }
        default: break
        }
    }

    /// Takes statements in and does none of them.
    private final class Recorder: StoreConnection {
        let dialect: StoreDialect
        var objects = SchemaObjects()

        init(dialect: StoreDialect) { self.dialect = dialect }

        func rows(_ sql: String, _ arguments: StoreArguments) throws -> [StoreRow] { [] }

        func execute(_ sql: String, _ arguments: StoreArguments) throws -> Int {
            objects.read(sql)
            return 0
        }

        func script(_ sql: String) throws { objects.read(sql) }
    }
}

extension DeskStore {
    /// Throws a sentence where a table, or another object that the migrations made, is missing.
    ///
    /// - Parameter place: where the store is, as it may be shown.
    static func refuseIncomplete(_ db: any StoreConnection, _ place: String) throws {
        let found = Set(try db.rows(db.dialect.objects, []).map { $0[0] as String })
        let missing = SchemaObjects.expected(db.dialect).subtracting(found).sorted()
        guard let first = missing.first else { return }
        let others = missing.count > 1 ? " and \(missing.count - 1) more" : ""
        throw DeskError(
            .configuration, "\(place): is damaged, \(first)\(others) is missing in it; restore it from a backup")
    }
}
