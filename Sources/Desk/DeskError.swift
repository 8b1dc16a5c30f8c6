/// Why a desk cannot do what was asked, in a sentence: where, what was found, what to do.
package struct DeskError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// The input is wrong (65).
        case badInput
        /// No such account (67).
        case noSuchUser
        /// Something that should answer does not, or is in another's hands (69).
        case unavailable
        /// A file or folder cannot be written (73).
        case cannotWrite
        /// Somebody may not (77).
        case refused
        /// The settings or the place cannot work as they are (78).
        case configuration
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// From `sysexits.h`, as the commands report it.
    package var exitCode: Int32 {
        switch kind {
        case .badInput: 65
        case .noSuchUser: 67
        case .unavailable: 69
        case .cannotWrite: 73
        case .refused: 77
        case .configuration: 78
        }
    }

    package var description: String { message }
}
