import Synchronization

/// A program that prints the token, such as a password manager: run when a token is first needed, and again when the one
/// it printed was refused.
final class TokenCommand: Sendable {
    static let limit: Duration = .seconds(30)

    private let command: String
    private let environment: ChildEnvironment
    private let kept = Mutex<String?>(nil)

    init(_ command: String, _ environment: ChildEnvironment = ChildEnvironment()) {
        self.command = command
        self.environment = environment
    }

    /// Takes as long as the command does, once.
    func token() throws(Failure) -> String {
        try kept.withLock { kept throws(Failure) in
            if let kept { return kept }
            let token = try run()
            kept = token
            return token
        }
    }

    /// The next one is asked for anew.
    func forget(_ token: String) { kept.withLock { if $0 == token { $0 = nil } } }

    private func run() throws(Failure) -> String {
        let answer = try CommandOutput.of(
            ["/bin/sh", "-c", command], environment, within: Self.limit, .firstLine)
        guard let (code, output) = answer else {
            throw Failure(.tryAgain, "token_command: printed no line within 30 s, or too long a one, and was ended")
        }
        guard code == 0 else {
            throw Failure(.refused, "token_command: ended with \(code); run it by hand to see why")
        }
        let line = output.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty, line.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure(.refused, "token_command: its first line is no token; expected one word")
        }
        return String(decoding: line, as: UTF8.self)
    }
}
