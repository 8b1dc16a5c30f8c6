import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley who`: the roster, without joining it.
struct Who: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "Show who is online.",
        discussion: """
            You are not in the roster yourself, but for an application without a desk, whose members alone hear of \
            each other: there you are in it while you look.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: ArgumentHelp("Only who is in this room, such as #support.", valueName: "room"))
    var room: String?
    @Flag(help: "Everybody who can be written to, online or not.")
    var all = false
    @Option(help: ArgumentHelp("Wait until this user is online, and show only them.", valueName: "peer"))
    var wait: String?
    @Option(help: ArgumentHelp("How long to wait; as long as it takes unless set.", valueName: "time"))
    var timeout: TimeSpan?

    func run() throws {
        let settings = try global.settings()
        var only: UserID?
        let place = try room.map { text throws(Failure) in try Self.room(text) }
        if place != nil, wait != nil || all { throw Failure(.usage, "a room excludes --wait and --all") }
        var here: [DeskUser]?
        if let wait {
            let user = try GlobalOptions.userID(wait, in: "--wait")
            here = try Arrival.wait(for: user, settings, timeout?.duration)
            only = user
        } else if timeout != nil {
            throw Failure(.usage, "--timeout needs --wait")
        }
        let route = try DeskRoute(settings)
        let shown: [Line]
        if let plain = route.target.plain {
            let users: [DeskUser]
            var strangers: [Stranger] = []
            if let here {
                users = here.filter { $0.id == only }
            } else {
                let found = try PlainRoster.look(route, in: place ?? .lobby)
                users = found.users.filter { $0.id != plain.user && (all || $0.isOnline) }
                strangers = found.strangers
            }
            shown = users.map { Line($0) } + strangers.map { Line($0) }
        } else {
            let (me, users, unseen) = try atDesk(settings, place)
            let wanted = users.filter {
                place != nil || $0.id != me && ($0.id == only || (only == nil && (all || $0.isOnline)))
            }
            shown = wanted.map { Line($0, unseen: unseen[$0.id] ?? 0) }
        }
        guard output.json else {
            for line in Text.table(shown.map { row($0) }) { try Output.line(line) }
            return
        }
        for line in shown { try Output.json(line.members) }
    }

    /// Somebody as they are shown.
    private struct Line {
        let id: String
        let name: String
        let isOnline: Bool
        var unseen = 0
        /// Why nobody can write to them.
        var noChat: String?

        init(_ user: DeskUser, unseen: Int = 0) {
            (id, name, isOnline, self.unseen) = (user.id.text, user.name, user.isOnline, unseen)
        }

        init(_ stranger: Stranger) {
            (id, name, isOnline, noChat) = (stranger.id, stranger.name, true, stranger.reason)
        }

        var members: [(String, JSON)] {
            [("id", .string(id)), ("name", .string(name)), ("online", .bool(isOnline)), ("unseen", JSON(unseen))]
                + (noChat.map { [("no_chat", .string($0))] } ?? [])
        }
    }

    private func atDesk(
        _ settings: Settings, _ room: Place?
    ) throws(Failure) -> (me: UserID, users: [DeskUser], unseen: [UserID: Int]) {
        let client = try DeskClient(settings)
        defer { client.close() }
        let identity = try client.identity()
        let me = identity.id
        if let room { _ = try client.conversation(room, identity) }
        let users = try client.people(room?.members ?? .users)
        let conversations = try client.conversations(of: me)
        var unseen: [UserID: Int] = [:]
        for each in conversations { if let peer = each.name.peer(of: me) { unseen[peer] = each.unseen } }
        return (me, users, unseen)
    }

    private static func room(_ text: String) throws(Failure) -> Place {
        let place = try Place(argument: text)
        guard case .room = place else {
            throw Failure(.usage, "\(Text.shown(text)): is no room; expected a name such as #support")
        }
        return place
    }

    private func row(_ line: Line) -> [String] {
        (all ? [line.isOnline ? "online" : "offline"] : []) + [
            Text.shown(line.id), line.name == line.id ? "" : Text.shown(line.name),
            line.noChat != nil ? "(no chat possible)" : line.unseen > 0 ? "(\(line.unseen) unseen)" : "",
        ]
    }
}
