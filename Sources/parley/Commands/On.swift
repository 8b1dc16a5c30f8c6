import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley on`: runs a command, or prints a line, for each arrival and departure.
struct On: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "on", abstract: "Run a command whenever somebody comes, goes or is away.",
        discussion: """
            Once for each real transition: a second terminal of somebody who is here is none, and neither is a \
            connection of ours that comes back. Who is here at the start did not just come. You are in the roster \
            meanwhile, since only members hear of members.
            """)

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case join, leave, away
    }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "join, leave or away; several with commas between.")
    var events: String
    @Argument(help: "Only this user.")
    var peer: String?
    @OptionGroup var exec: ExecOptions
    @Option(help: ArgumentHelp("End after so many.", valueName: "n"))
    var count: Int?
    @Option(help: ArgumentHelp("End after this time, such as 30s.", valueName: "time"))
    var timeout: TimeSpan?

    func kinds() throws(Failure) -> Set<Kind> {
        var kinds: Set<Kind> = []
        for word in events.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = Kind(rawValue: String(word)) else {
                throw Failure(.usage, "\"\(Text.shown(String(word)))\" is no event; expected join, leave or away")
            }
            kinds.insert(kind)
        }
        return kinds
    }

    func run() throws {
        let kinds = try kinds()
        let user = try peer.map { text throws(Failure) in try GlobalOptions.userID(text, in: "PEER") }
        if let count, count < 1 { throw Failure(.usage, "--count is \(count); expected 1 or more") }
        let settings = try global.settings()
        let jobs = try exec.checkedJobs()
        let runs = exec.exec.map { CommandRuns($0, limit: jobs, settings) }
        let loop = VerbLoop(route: try DeskRoute(settings), joinsLobby: true, runs: runs)
        let deadline = timeout.map { Now.uptime + $0.duration }
        var transitions = Transitions()
        var told = 0
        let end = try loop.run(until: deadline) { () throws(Failure) in
            try loop.insistOnLobby()
            loop.noteTrouble()
            let chat = loop.runner.session.chat
            guard chat.link != .polling || !kinds.contains(.away) else {
                throw Failure(
                    .unavailable,
                    "\(loop.route.target.name): no WebSocket gets through to here, so nobody is seen to be away; parley doctor tells more"
                )
            }
            for change in transitions.changes(loop.runner.takeNotices(), chat) {
                guard kinds.contains(change.kind), user == nil || user == change.user else { continue }
                let members: [(String, JSON)] = [
                    ("type", .string(change.kind.rawValue)), ("id", .string(change.user.text)),
                    ("name", .string(chat.roster.name(of: change.user))), ("at", .string(Now.date.rfc3339)),
                ]
                if let runs {
                    guard try runs.run(members, as: chat.me, before: deadline) else { return false }
                } else if output.json {
                    try Output.json(members)
                } else {
                    try Output.line("\(change.kind.rawValue) \(change.user)")
                }
                told += 1
                if told == count { return true }
            }
            return false
        }
        if end == .timeUp, let count { throw Failure(.tryAgain, "on: \(told) of \(count) events came in time") }
    }
}

/// Who came and went, each once, whatever our own connection does.
struct Transitions {
    private var here: Set<UserID>?
    private var away: Set<UserID> = []

    /// In order: what the notices say, then what is different from what was known before a lost connection.
    mutating func changes(_ notices: [ChatNotice], _ chat: ChatState) -> [(kind: On.Kind, user: UserID)] {
        guard let me = chat.me, chat.roster.isKnown else { return [] }
        let now = Set(chat.roster.all.lazy.filter(\.isOnline).map(\.id)).subtracting([me])
        guard var known = here else {
            here = now
            away = now.filter { chat.roster[$0]?.isAway == true }
            return []
        }
        var changes: [(On.Kind, UserID)] = []
        for case .presence(let user, let isOnline) in notices where user != me {
            if isOnline ? known.insert(user).inserted : known.remove(user) != nil {
                changes.append((isOnline ? .join : .leave, user))
            }
        }
        changes +=
            known.subtracting(now).sorted().map { (.leave, $0) } + now.subtracting(known).sorted().map { (.join, $0) }
        for case .availability(let user, let new) in notices where user != me {
            if new.state != .away {
                away.remove(user)
            } else if away.insert(user).inserted {
                changes.append((.away, user))
            }
        }
        away.formIntersection(now)
        here = now
        return changes
    }
}
