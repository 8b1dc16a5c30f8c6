import GRDB

/// What a statement may be given: texts, numbers, truth values, bytes, nil.
typealias StoreArguments = [(any DatabaseValueConvertible)?]

/// A connection to the store on which statements run, one after the other. The statements are the same for every kind of
/// store, written with `?`; where they cannot be, the dialect has the word.
protocol StoreConnection {
    var dialect: StoreDialect { get }
    func rows(_ sql: String, _ arguments: StoreArguments) throws -> [StoreRow]
    /// Returns how many rows were changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: StoreArguments) throws -> Int
    /// Several statements with nothing to fill in.
    func script(_ sql: String) throws
}

extension StoreConnection {
    func row(_ sql: String, _ arguments: StoreArguments) throws -> StoreRow? { try rows(sql, arguments).first }

    /// The first column of the first row; nil where there is none, or nothing in it.
    func value<Value: StoreCell>(_ sql: String, _ arguments: StoreArguments = []) throws -> Value? {
        guard let row = try row(sql, arguments) else { return nil }
        return row[0]
    }
}

typealias StoreCell = DatabaseValueConvertible & StatementColumnConvertible

/// A row of an answer; its columns by their place.
enum StoreRow {
    case sqlite(Row)
    case postgres(PostgresAnswer, row: Int)

    subscript<Value: StoreCell>(_ column: Int) -> Value {
        switch self {
        case .sqlite(let row): row[column]
        case .postgres(let answer, let row):
            if let value = Value.fromDatabaseValue(answer.value(row, column)) {
                value
            } else {
                preconditionFailure("column \(column) is no \(Value.self)")
            }
        }
    }
}

extension Database: StoreConnection {
    var dialect: StoreDialect { .sqlite }

    func rows(_ sql: String, _ arguments: StoreArguments) throws -> [StoreRow] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: StatementArguments(arguments)).map { .sqlite($0) }
    }

    func execute(_ sql: String, _ arguments: StoreArguments) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
        return changesCount
    }

    func script(_ sql: String) throws { try execute(sql: sql) }
}
