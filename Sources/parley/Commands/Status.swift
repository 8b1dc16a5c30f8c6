import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley status`: a line for tmux and prompts.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "One line for a prompt or a status bar: who is waiting, what is unseen, who is online.",
        discussion: """
            In FORMAT {waiting} (people who wait for your reply), {longest} (the minutes of the longest wait), {unseen}, \
            {conversations} (those with something unseen), {online}, {user}, {desk} and {account} are replaced; \
            what stands in [brackets] is left out when a number in it is 0. Where there is no desk it prints nothing, \
            quietly, and ends with 69; it starts none. In an application without a desk nothing is unseen, and you are \
            online yourself while it looks.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("What to print.", valueName: "format"))
    var format = "[{waiting} waiting, {longest} min · ][{unseen} unseen in {conversations} · ]{online} online"

    func run() throws {
        let template = try StatusFormat(format)
        let settings = try global.settings()
        let target = try Target(settings)
        guard
            var facts = try target.plain.map({ try facts($0, settings) })
                ?? facts(target, forgetAfter: settings.integer(.waitForgotten))
        else {
            throw Failure(.unavailable, "")
        }
        facts.account = settings.account ?? AccountSettings.top
        guard output.json else { return try Output.text(template.text(facts) + "\n") }
        let account: [(String, JSON)] = settings.accountNames.isEmpty ? [] : [("account", .string(facts.account))]
        let since: [(String, JSON)] = facts.waitingSince.map { [("waiting_since", .string($0.rfc3339))] } ?? []
        try Output.json(
            [
                ("user", .string(facts.user)), ("desk", .string(facts.desk)), ("waiting", JSON(facts.waiting)),
                ("unseen", JSON(facts.unseen)),
                ("conversations", JSON(facts.conversations)), ("online", JSON(facts.online)),
            ] + since + account)
    }

    /// Nothing is unseen where nothing is kept.
    private func facts(_ plain: PlainSettings, _ settings: Settings) throws -> StatusFacts? {
        let route = try DeskRoute(settings)
        do {
            let users = try PlainRoster.look(route, within: .seconds(5)).users
            return StatusFacts(
                user: plain.user.text, desk: route.target.name, unseen: 0, conversations: 0,
                online: users.count { $0.isOnline && $0.id != plain.user })
        } catch let failure as Failure where failure.code == .unavailable {
            return nil
        }
    }

    /// - Parameter hours: those who have been waiting longer no longer count; 0 counts all.
    private func facts(_ target: Target, forgetAfter hours: Int) throws(Failure) -> StatusFacts? {
        if let folder = target.localFolder { return try quickFacts(target, folder + "/desk.sock", hours) }
        let client = DeskClient(target: target, timeout: .seconds(2))
        defer { client.close() }
        do throws(Failure) {
            let user = try client.identity().id
            return StatusFacts(target, user, try client.people(.users), try client.conversations(of: user), hours)
        } catch {
            if error.code == .unavailable || error.code == .tryAgain { return nil }
            throw error
        }
    }

    /// The same from the desk's socket on this machine.
    private func quickFacts(_ target: Target, _ socket: String, _ hours: Int) throws(Failure) -> StatusFacts? {
        guard let user = target.localUser else { return nil }
        let token = try target.token()
        var users: [DeskUser] = []
        var pages = ConversationPages()
        while let call = pages.next {
            // The first time with the users, on one connection.
            let calls = pages.all.isEmpty ? [.users, call] : [call]
            guard
                let bodies = QuickCall(socket)?.bodies(
                    of: calls.map(\.request.path), token: token, within: .milliseconds(500)),
                let page = try? DeskReply.conversations(status: 200, body: bodies[bodies.count - 1], me: user)
            else { return nil }
            if calls.count > 1 {
                guard let found = try? DeskReply.people(status: 200, body: bodies[0]) else { return nil }
                users = found
            }
            pages.append(page)
        }
        return StatusFacts(target, user, users, pages.all, hours)
    }
}

extension StatusFacts {
    fileprivate init(
        _ target: Target, _ user: UserID, _ users: [DeskUser], _ list: [ConversationSummary], _ hours: Int
    ) {
        let now = Now.date
        // As the screen counts: from the first minute on.
        let waits = list.compactMap { $0.clock?.start?.since }.filter { since in
            let minutes = (now.milliseconds - since.milliseconds) / 60_000
            return minutes >= 1 && (hours == 0 || minutes < Int64(hours) * 60)
        }
        self.init(
            user: user.text, desk: target.name, waiting: waits.count, waitingSince: waits.min(),
            unseen: list.reduce(0) { $0 + $1.unseen },
            conversations: list.count { $0.unseen > 0 }, online: users.count { $0.isOnline && $0.id != user })
    }
}

struct StatusFacts: Equatable, Sendable {
    var account = AccountSettings.top
    var user: String
    var desk: String
    /// How many people are waiting for a reply, and since when the first of them.
    var waiting = 0
    var waitingSince: Timestamp?
    var unseen: Int
    var conversations: Int
    var online: Int

    fileprivate subscript(name: String) -> (text: String, isZero: Bool)? {
        switch name {
        case "user": (Text.shown(user), false)
        case "desk": (Text.shown(desk), false)
        case "account": (account, false)
        case "waiting": (String(waiting), waiting == 0)
        case "longest":
            waitingSince.map { ("\(max(0, Now.date.milliseconds - $0.milliseconds) / 60_000)", false) } ?? ("0", true)
        case "unseen": (String(unseen), unseen == 0)
        case "conversations": (String(conversations), conversations == 0)
        case "online": (String(online), online == 0)
        default: nil
        }
    }
}

/// A text with `{names}`, and parts in `[brackets]` that are left out when a number in them is 0.
struct StatusFormat: Equatable, Sendable {
    private enum Part: Equatable, Sendable {
        case text(String)
        case value(String)
        case optional([Part])
    }

    private let parts: [Part]
    static let names = ["waiting", "longest", "unseen", "conversations", "online", "user", "desk", "account"]

    init(_ format: String) throws(Failure) {
        var stack: [[Part]] = [[]]
        var text = ""
        // By scalars: a bracket with a combining mark after it is a bracket.
        var rest = format.unicodeScalars[...]
        func flush() {
            if !text.isEmpty { stack[stack.count - 1].append(.text(text)) }
            text = ""
        }
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\": text.unicodeScalars.append(rest.popFirst() ?? "\\")
            case "{":
                guard let end = rest.firstIndex(of: "}"), Self.names.contains(String(rest[..<end])) else {
                    let names = Self.names.map { "{\($0)}" }.joined(separator: ", ")
                    throw Failure(.usage, "--format: after { comes one of \(names); \\{ is a brace")
                }
                flush()
                stack[stack.count - 1].append(.value(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            case "[":
                guard stack.count == 1 else { throw Failure(.usage, "--format: brackets stand inside brackets") }
                flush()
                stack.append([])
            case "]":
                guard stack.count == 2 else { throw Failure(.usage, "--format: a ] without its [; \\] is a bracket") }
                flush()
                stack[0].append(.optional(stack.removeLast()))
            default: text.unicodeScalars.append(scalar)
            }
        }
        flush()
        guard stack.count == 1 else { throw Failure(.usage, "--format: a [ without its ]; \\[ is a bracket") }
        parts = stack[0]
    }

    func text(_ facts: StatusFacts) -> String { Self.text(parts, facts) }

    private static func text(_ parts: [Part], _ facts: StatusFacts) -> String {
        parts.map { part in
            switch part {
            case .text(let text): return text
            case .value(let name): return facts[name]?.text ?? ""
            case .optional(let inner):
                let isHidden = inner.contains {
                    if case .value(let name) = $0 { facts[name]?.isZero == true } else { false }
                }
                return isHidden ? "" : text(inner, facts)
            }
        }.joined()
    }
}
