/// What PostgreSQL, or the way to it, had against a statement.
struct PostgresError: Error, Equatable, CustomStringConvertible {
    /// Five characters; empty where the server did not answer.
    let state: String
    let message: String
    /// The connection is gone. A change that was being committed may have happened.
    var isLost = false

    /// The same may work when it is done again from its beginning: others were in the way, or were first.
    var isPassing: Bool { ["40001", "40P01", "23505", "55P03"].contains(state) }
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
        case "53100": DeskError(.cannotWrite, "\(place): the server's disk is full; make room and try again")
        case "53300": DeskError(.unavailable, "\(place): the server has no connection left; raise max_connections")
        case "":
            DeskError(
                .unavailable, "\(place): PostgreSQL cannot be reached (\(message)); see whether it runs, and the URL")
        default: DeskError(.unavailable, "\(place): PostgreSQL says: \(self)")
        }
    }
}
