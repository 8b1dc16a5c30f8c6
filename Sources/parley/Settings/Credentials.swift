import Glibc

/// The tokens `parley login` keeps: URL → token, or URL#account → token, in `$XDG_STATE_HOME/parley/credentials.toml` (0600).
struct Credentials: Sendable {
    let path: String

    init(stateFolder: String) { path = stateFolder + "/credentials.toml" }

    /// Nil where none is kept for this desk. A file that others could have read or written is refused.
    func token(for url: DeskURL, _ account: String? = nil) throws(Failure) -> String? {
        try load()[Self.key(url, account)]
    }

    func keep(_ token: String, for url: DeskURL, _ account: String? = nil) throws(Failure) {
        var all = try load()
        all[Self.key(url, account)] = token
        var text = "# Tokens of parley login. Whoever can read this file can write in your name.\n"
        for (url, token) in all.sorted(by: { $0.key < $1.key }) {
            text += "\"\(SettingValue.escaped(url))\" = \"\(SettingValue.escaped(token))\"\n"
        }
        try SmallFile.write(text, to: path)
    }

    /// No desk's address has a fragment.
    private static func key(_ url: DeskURL, _ account: String?) -> String {
        url.description + (account.map { "#" + $0 } ?? "")
    }

    private func load() throws(Failure) -> [String: String] {
        guard let contents = try SmallFile.read(path) else { return [:] }
        guard contents.owner == geteuid() else {
            throw Failure(
                .refused, "\(path): belongs to user \(contents.owner) and not to you; remove it and log in again")
        }
        guard contents.mode & 0o077 == 0 else {
            throw Failure(
                .refused,
                "\(path): others can read it (mode \(String(contents.mode, radix: 8))); chmod 600 it, and think of new tokens"
            )
        }
        let table: TomlTable
        do throws(TomlError) { table = try TomlTable.reading(contents.text) } catch {
            throw Failure(
                .configuration,
                "\(path), line \(error.line): is no TOML (\(Text.shown(error.reason))); put it right, or remove it and log in again"
            )
        }
        var all: [String: String] = [:]
        for url in table.keys { if let token = table[url]?.text { all[url] = token } }
        return all
    }
}
