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
        if place != nil { try route.target.insistOnDesk() }
        let me: UserID
        let users: [DeskUser]
        var unseen: [UserID: Int] = [:]
        if let plain = route.target.plain {
            me = plain.user
            users = try here ?? PlainRoster.look(route)
        } else {
            (me, users, unseen) = try atDesk(settings, place)
        }
        let shown = users.filter {
            place != nil || $0.id != me && ($0.id == only || (only == nil && (all || $0.isOnline)))
        }
        guard output.json else {
            let rows = shown.map { row($0, unseen: unseen[$0.id] ?? 0) }
            for line in Text.table(rows) { try Output.line(line) }
            return
        }
        for user in shown {
            try Output.json([
                ("id", .string(user.id.text)), ("name", .string(user.name)), ("online", .bool(user.isOnline)),
                ("unseen", JSON(unseen[user.id] ?? 0)),
            ])
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
        let conversations = try client.ask(.conversations(limit: DeskCall.maxPage)) {
            status, body throws(DeskFailure) in
            try DeskReply.conversations(status: status, body: body, me: me)
        }
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

    private func row(_ user: DeskUser, unseen: Int) -> [String] {
        (all ? [user.isOnline ? "online" : "offline"] : []) + [
            user.id.text, user.name == user.id.text ? "" : Text.shown(user.name),
            unseen > 0 ? "(\(unseen) unseen)" : "",
        ]
    }
}
