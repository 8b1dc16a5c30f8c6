/// Where a database of PostgreSQL is: `postgres://user@host:port/database`, as libpq reads it.
package struct PostgresURL: Equatable, Sendable {
    /// As given, with a password where there is one.
    let text: String

    /// Nil where it is no such URL.
    package init?(_ text: String) {
        guard ["postgres://", "postgresql://"].contains(where: { text.utf8.starts(with: $0.utf8) }),
            text.utf8.count <= 2_000,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return nil }
        self.text = text
    }

    package var hasPassword: Bool { !passwords.isEmpty }

    /// As it may be told: without the password, and without what may hold one.
    package var shown: String {
        let at = place.lastIndex(of: "@")
        let user = at.map { Substring(place[..<$0]) } ?? ""
        let host = Substring(at.map { place[place.index(after: $0)...] } ?? place)
        let name = Substring(user.unicodeScalars.prefix { $0 != ":" })
        let socket = parameters.first { $0.name == "host" }.map { "?host=\($0.value)" } ?? ""
        return text[..<afterScheme] + (user.isEmpty ? "" : "\(name)@") + host + socket
    }

    /// A text of libpq's without what is secret in the URL.
    func cleaned(_ message: String) -> String {
        var message = message
        for word in passwords where word.utf8.count > 0 {
            message = Self.replacing(word, in: message)
        }
        return message
    }

    /// By bytes: a word with a combining mark after it is still the word.
    private static func replacing(_ word: String, in message: String) -> String {
        let (word, bytes) = (Array(word.utf8), Array(message.utf8))
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: word) {
                out += "…".utf8
                index += word.count
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private var afterScheme: String.Index {
        text.utf8.firstIndex(of: UInt8(ascii: "/")).map { text.utf8.index($0, offsetBy: 2) } ?? text.endIndex
    }

    /// User, password, host, port and database. By scalars, as libpq reads it.
    private var place: Substring.UnicodeScalarView { text[afterScheme...].unicodeScalars.prefix { $0 != "?" } }

    private var parameters: [(name: Substring, value: Substring)] {
        let scalars = text.unicodeScalars
        guard let mark = scalars.firstIndex(of: "?") else { return [] }
        return scalars[scalars.index(after: mark)...].split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Substring(halves[0]), halves.count > 1 ? Substring(halves[1]) : "")
        }
    }

    /// Each as it stands in the URL and as it is meant.
    private var passwords: [String] {
        let place = place
        var found: [Substring] = parameters.filter { $0.name.hasSuffix("password") }.map(\.value)
        if let at = place.lastIndex(of: "@"), let colon = place[..<at].firstIndex(of: ":") {
            found.append(Substring(place[place.index(after: colon)..<at]))
        }
        return found.filter { !$0.isEmpty }.flatMap { [String($0), percentDecoded($0) ?? ""] }.filter { !$0.isEmpty }
    }
}
