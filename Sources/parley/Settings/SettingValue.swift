import Chat
import Desk

enum SettingValue: Equatable, Sendable {
    case text(String)
    case integer(Int)
    case boolean(Bool)

    /// As TOML writes it.
    var toml: String {
        switch self {
        case .text(let text): "\"" + SettingValue.escaped(text) + "\""
        case .integer(let number): String(number)
        case .boolean(let bool): bool ? "true" : "false"
        }
    }

    /// The inside of a TOML string.
    static func escaped(_ text: String, quotes: Bool = true) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes: out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let hex = String(scalar.value, radix: 16, uppercase: true)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension String {
    /// The words between blanks. By scalars: a blank with a combining mark after it is a blank.
    var words: [String] { unicodeScalars.split(separator: " ").map { String($0) } }
}

/// What a setting may be.
enum SettingKind: Equatable, Sendable {
    case boolean
    case integer(ClosedRange<Int>)
    case choice([String])
    /// Some of them, with blanks between.
    case words([String])
    case url
    /// `postgres://…`, without a password but where the environment has it.
    case store
    case userID
    /// Several, with blanks between.
    case userIDs
    /// `HOST:PORT`.
    case listen
    /// Host names without a port, with blanks between.
    case hosts
    /// IP addresses and networks, with blanks between.
    case networks
    case path
    /// `Name: value`, one a line; never shown.
    case headers
    /// A program with its arguments, as a shell reads them.
    case command
    /// One line.
    case line
    /// One line without blanks.
    case word
    /// As `word`, and never shown.
    case secret

    /// What stands after "expected" in a sentence.
    var expected: String {
        switch self {
        case .boolean: "true or false"
        case .integer(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
        case .words(let words): "some of \"\(words.joined(separator: " "))\""
        case .url: "a text such as \"https://desk.example.org\", or \"\""
        case .store: "a text such as \"postgres://parley@db.example.org/parley\", or \"\""
        case .userID: "a user id in quotes, or \"\""
        case .userIDs: "user ids with blanks between, such as \"alice bob\", or \"\""
        case .line: "a text in quotes, or \"\""
        case .listen: "a text such as \"127.0.0.1:7007\""
        case .hosts: "host names with blanks between, such as \"desk.example.org\", or \"\""
        case .networks: "addresses and networks with blanks between, such as \"127.0.0.1 10.0.0.0/8\", or \"\""
        case .headers: "headers in quotes, such as \"X-CSRF-Token: abc\", or \"\""
        case .command: "a command in quotes, or \"\""
        case .path: "a path in quotes, or \"\""
        case .word, .secret: "a text in quotes without blanks, or \"\""
        }
    }

    var isSecret: Bool { self == .secret || self == .headers }

    /// Nil where `value` may stand, else what is wrong with it, beginning with what was found.
    ///
    /// - Parameter isPrivate: where nobody but the user can read it, so that a password may be in it.
    func problem(_ value: SettingValue, isPrivate: Bool = false) -> String? {
        switch (self, value) {
        case (.boolean, .boolean): return nil
        case (.integer(let range), .integer(let number)): return range.contains(number) ? nil : wrong(value)
        case (.choice(let words), .text(let word)):
            if words.contains(word) { return nil }
            let near = Nearest.word(to: word, in: words).map { "; did you mean \"\($0)\"?" } ?? ""
            return wrong(value) + near
        case (.words(let words), .text(let text)):
            for word in text.words where !words.contains(word) {
                let near = Nearest.word(to: word, in: words).map { "; did you mean \"\($0)\"?" } ?? ""
                return "has \"\(SettingValue.escaped(word))\"; expected \(expected)" + near
            }
            return text.contains { $0 != " " } ? nil : wrong(value)
        case (.url, .text(let text)):
            if text.isEmpty { return nil }
            do throws(Failure) {
                _ = try DeskURL(text)
                return nil
            } catch {
                return "is \(error.sentence)"
            }
        case (.store, .text(let text)):
            if text.isEmpty { return nil }
            // What may be a password is not repeated.
            guard let url = PostgresURL(text) else { return "is no URL of PostgreSQL; expected \(expected)" }
            guard url.hasPassword, !isPrivate else { return nil }
            return
                "has a password, which others can read there; put it into ~/.pgpass, or the URL into PARLEY_STORE_URL"
        case (.userID, .text(let text)):
            if text.isEmpty { return nil }
            do throws(UserIDError) {
                _ = try UserID(validating: text)
                return nil
            } catch {
                return "is \(value.toml); \(error)"
            }
        case (.userIDs, .text(let text)):
            for word in text.words {
                do throws(UserIDError) {
                    _ = try UserID(validating: word)
                } catch {
                    return "has \"\(SettingValue.escaped(word))\"; \(error)"
                }
            }
            return nil
        case (.listen, .text(let text)): return ListenAddress(text) == nil ? wrong(value) : nil
        case (.hosts, .text(let text)):
            let wrong = text.words.first { !Self.isHostName($0) }
            return wrong.map { "has \"\(SettingValue.escaped($0))\"; expected \(expected)" }
        case (.headers, .text(let text)):
            return PlainTarget.headers(text) == nil ? "is no list of headers; expected \(expected)" : nil
        case (.networks, .text(let text)): return TrustedProxies(text) == nil ? wrong(value) : nil
        case (.path, .text(let text)), (.command, .text(let text)), (.line, .text(let text)):
            return text.utf8.contains(where: { $0 < 0x20 }) ? wrong(value) : nil
        case (.word, .text(let text)), (.secret, .text(let text)):
            if text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) { return nil }
            return isSecret ? "is a text with blanks; expected \(expected)" : wrong(value)
        default: return isSecret ? "is no text; expected \(expected)" : wrong(value)
        }
    }

    private static func isHostName(_ text: String) -> Bool {
        text.utf8.contains { $0 != UInt8(ascii: ".") }
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
            }
    }

    private func wrong(_ value: SettingValue) -> String { "is \(value.toml); expected \(expected)" }
}

/// `HOST:PORT` as `parley serve` takes it; an IPv6 address stands in brackets.
struct ListenAddress: Equatable, Sendable {
    var host: String
    var port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port), !text[text.index(after: colon)...].hasPrefix("+")
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }),
            host == "*" || !host.contains("*")
        else { return nil }
        self.host = host
        self.port = port
    }
}

enum Nearest {
    /// The word with the fewest edits to `text`, if they are few.
    static func word(to text: String, in words: [String]) -> String? {
        let text = text.lowercased()
        let best = words.map { ($0, distance(text, $0)) }.min { $0.1 < $1.1 }
        guard let best, best.1 <= max(1, text.count / 3) else { return nil }
        return best.0
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var least = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
