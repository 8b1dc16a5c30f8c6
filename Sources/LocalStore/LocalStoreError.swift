import GRDB

/// Why an account's file cannot be used, in a sentence: where, what was found, what to do.
package struct LocalStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// No room, no permission, no such folder.
        case cannotWrite
        /// Somebody else holds the file.
        case busy
        /// It is no database, or one of a newer program.
        case unreadable
    }

    package let kind: Kind
    package let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    init(_ error: any Error, _ path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? LocalStoreError ?? LocalStoreError(.cannotWrite, "\(path): \(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self.init(.unreadable, "\(path): is no database that can be read; move it away to begin a new one")
        case .SQLITE_FULL:
            self.init(
                .cannotWrite,
                "\(path): the disk is full, or this file has reached its limit; make room, nothing typed is kept until then"
            )
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.cannotWrite, "\(path): cannot be written; look at the owner and mode of the file and its folder")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, "\(path): another program holds it; end that one")
        default:
            self.init(.cannotWrite, "\(path): \(error.message ?? "SQLite error \(error.resultCode.rawValue)")")
        }
    }

    package var description: String { message }
}
