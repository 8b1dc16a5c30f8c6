import Desk
import LocalStore

/// Why the program ends without having done what was asked: one line on stderr and an exit code of `sysexits.h`.
struct Failure: Error, Equatable, CustomStringConvertible {
    struct Code: RawRepresentable, Equatable {
        let rawValue: Int32

        static let usage = Code(rawValue: 64)
        static let badInput = Code(rawValue: 65)
        static let noSuchUser = Code(rawValue: 67)
        static let unavailable = Code(rawValue: 69)
        static let ourBug = Code(rawValue: 70)
        static let cannotWrite = Code(rawValue: 73)
        static let tryAgain = Code(rawValue: 75)
        static let refused = Code(rawValue: 77)
        static let configuration = Code(rawValue: 78)

        /// All that a run can end with, as the manual says it.
        static let meanings: [(code: Int32, meaning: String)] = [
            (0, "Done."), (10, "parley ask: the other side declined."), (11, "parley ask: they went offline."),
            (12, "parley ask: seen, and no answer in time."), (64, "The command line is wrong."),
            (65, "What was read is wrong."), (67, "There is no such user."),
            (69, "The desk or its engine cannot be reached; parley doctor found something."),
            (70, "A fault of parley's own."), (73, "Something cannot be written."),
            (75, "Not in time; the same may work later."), (77, "Refused: the token, or a permission."),
            (78, "The settings, or the place, are wrong."),
        ]
    }

    var code: Code
    /// Where, what was found, what to do. Empty where there is nothing to say.
    var sentence: String

    init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    init(_ error: DeskError) {
        self.init(Code(rawValue: error.exitCode), error.message)
    }

    init(_ error: LocalStoreError) {
        self.init(error.kind == .unreadable ? .configuration : .cannotWrite, error.message)
    }

    /// Ended by a signal: the shell is told which, and nothing needs to be said.
    static func stopped(by signal: Int32) -> Failure { Failure(Code(rawValue: 128 + signal), "") }

    var description: String { sentence }
}
