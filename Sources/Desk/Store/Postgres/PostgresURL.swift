/// Where a database of PostgreSQL is: `postgres://user@host:port/database`, as libpq reads it.
package struct PostgresURL: Equatable, Sendable {
    /// As given, with a password where there is one.
    let text: String

    /// Nil where it is no such URL.
    package init?(_ text: String) {
        guard ["postgres://", "postgresql://"].contains(where: { text.hasPrefix($0) }), text.utf8.count <= 2_000,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return nil }
        self.text = text
    }

    package var hasPassword: Bool { !passwords.isEmpty }

    /// As it may be told: without the password, and without what may hold one.
    package var shown: String {
        let rest = text[afterScheme...]
        let place = rest.prefix { $0 != "?" }
        let user = place.lastIndex(of: "@").map { place[..<$0] } ?? ""
        let host = place.lastIndex(of: "@").map { place[place.index(after: $0)...] } ?? place
        let name = user.prefix { $0 != ":" }
        let socket = parameters.first { $0.name == "host" }.map { "?host=\($0.value)" } ?? ""
        return text[..<afterScheme] + (user.isEmpty ? "" : "\(name)@") + host + socket
    }

    /// A text of libpq's without what is secret in the URL.
    func cleaned(_ message: String) -> String {
        var message = message
        for word in passwords where word.utf8.count > 0 {
            message = message.split(separator: word, omittingEmptySubsequences: false).joined(separator: "…")
        }
        return message
    }

    private var afterScheme: String.Index { text.firstRange(of: "://")?.upperBound ?? text.endIndex }

    private var parameters: [(name: Substring, value: Substring)] {
        guard let mark = text.firstIndex(of: "?") else { return [] }
        return text[text.index(after: mark)...].split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (halves[0], halves.count > 1 ? halves[1] : "")
        }
    }

    /// Each as it stands in the URL and as it is meant.
    private var passwords: [String] {
        let place = text[afterScheme...].prefix { $0 != "?" }
        var found: [Substring] = parameters.filter { $0.name.hasSuffix("password") }.map(\.value)
        if let at = place.lastIndex(of: "@"), let colon = place[..<at].firstIndex(of: ":") {
            found.append(place[place.index(after: colon)..<at])
        }
        return found.filter { !$0.isEmpty }.flatMap { [String($0), percentDecoded($0) ?? ""] }.filter { !$0.isEmpty }
    }
}
