/// What PostgreSQL, or the way to it, had against a statement.
struct PostgresError: Error, Equatable, CustomStringConvertible {
    /// Five characters; empty where the server did not answer.
    let state: String
    let message: String
    /// The connection is gone, or is not to be used again. A change that was being committed may have happened.
    var isLost = false
    /// No answer came in time.
    var isSilent = false

    /// The same may work when it is done again from its beginning: others were in the way, or were first.
    var isPassing: Bool { ["40001", "40P01", "23505", "55P03"].contains(state) }
    /// The server takes no changes: it has become a standby, or read-only. It did nothing of what was asked.
    var isReadOnly: Bool { state == "25006" }
    var isDamaged: Bool { ["XX001", "XX002"].contains(state) }
    var isFull: Bool { state == "53100" }
    /// The statement ran longer than it may.
    var isCancelled: Bool { state == "57014" }
    var isDuplicate: Bool { state == "23505" }

    var description: String { state.isEmpty ? message : "\(message) (\(state))" }

    /// As a sentence for whoever opens the store.
    ///
    /// - Parameter place: where it is, without a password.
    func explained(_ place: String) -> DeskError {
        switch state {
        case "28P01", "28000":
            DeskError(
                .refused,
                "\(place): PostgreSQL refuses the user or the password; put it into ~/.pgpass or the file that PGPASSFILE"
                    + " names, or give the whole URL by PARLEY_STORE_URL (\(message))")
        case "3D000": DeskError(.configuration, "\(place): there is no such database; make it with createdb")
        case "42501":
            DeskError(
                .configuration,
                "\(place): the user may not make the desk's tables (\(message)); let it own the database: createdb --owner"
            )
        case "42P01", "42703", "42883":
            DeskError(
                .configuration, "\(place): is damaged, something is missing in it (\(message)); restore it from a dump")
        case "XX001", "XX002":
            DeskError(.configuration, "\(place): is damaged (\(message)); restore it from a dump")
        case "25006":
            DeskError(
                .unavailable,
                "\(place): the server takes no changes (\(message)); it is a standby or read-only, so give the one that"
                    + " takes changes, or all of them: postgres://a,b/database")
        case "57P03": DeskError(.unavailable, "\(place): the server is starting or stopping (\(message)); try again")
        case "53100": DeskError(.cannotWrite, "\(place): the server's disk is full; make room and try again")
        case "53300": DeskError(.unavailable, "\(place): the server has no connection left; raise max_connections")
        case "":
            DeskError(
                .unavailable, "\(place): PostgreSQL cannot be reached (\(message)); see whether it runs, and the URL")
        default: DeskError(.unavailable, "\(place): PostgreSQL says: \(self)")
        }
    }
}
