import Chat

/// The accounts a person has, and which of them this is.
package struct AccountList: Equatable, Sendable {
    /// Empty where there is but one.
    package let names: [String]
    package let current: String

    package init(_ names: [String] = [], current: String = "") {
        self.names = names
        self.current = current
    }

    var others: [String] { names.filter { $0 != current } }

    /// What says so in front of what is said of it, where there are several.
    var prefix: String { names.isEmpty ? "" : current + ": " }
}

extension UIState {
    /// Shows the accounts, or goes on as another; nil where that cannot be.
    mutating func account(_ name: String, _ now: Moment) -> [UIEffect]? {
        guard !accounts.names.isEmpty else {
            say("there is one account; [accounts.NAME] in the settings makes more", now: now)
            return []
        }
        guard !name.isEmpty else {
            let lines = accounts.names.map { $0 + ($0 == accounts.current ? "  (this one)" : "") }
            overlay = .page(title: "accounts", lines: lines + ["", "/account NAME goes on as another"], scroll: 0)
            return []
        }
        guard accounts.names.contains(name) else {
            let hint =
                Nearest.word(to: name, in: accounts.names).map { "did you mean \($0)?" }
                ?? "there are \(accounts.names.joined(separator: ", "))"
            say("there is no account \(name); \(hint)", isError: true, now: now)
            return nil
        }
        guard name != accounts.current else {
            say("this is account \(name)", now: now)
            return []
        }
        return [.goOn(account: name)]
    }
}
