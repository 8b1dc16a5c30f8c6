import ChannelsProtocol
import Chat
import ChatSession
import ChatUI

/// `parley tail`: prints what happens, or runs a command for it, until it is stopped, has enough, or runs out of time.
final class TailLoop {
    private let loop: VerbLoop
    private let options: TailOptions
    private let runs: CommandRuns?
    private let deadline: Duration?
    private var text = LinearText(zone: .here)
    private var isFollowing = false
    private var followed: ConversationName?
    private var printed = 0

    static func run(route: DeskRoute, settings: Settings, options: TailOptions) throws {
        try TailLoop(route: route, settings: settings, options: options).run()
    }

    private init(route: DeskRoute, settings: Settings, options: TailOptions) {
        self.options = options
        runs = options.command.map { CommandRuns($0, limit: options.jobs, settings) }
        loop = VerbLoop(route: route, joinsLobby: options.isPresent || options.place == .lobby, runs: runs)
        deadline = options.timeout.map { Now.uptime + $0 }
    }

    private var runner: SessionRunner { loop.runner }

    private func run() throws {
        let end = try loop.run(until: deadline) { () throws(Failure) in
            try follow()
            if options.isPresent || options.place == .lobby { try loop.insistOnLobby() }
            if let name = followed { try loop.insist(on: name) }
            for notice in runner.takeNotices() {
                try tell(notice)
                if printed == options.count { return true }
            }
            return false
        }
        if end == .timeUp, let count = options.count {
            throw Failure(.tryAgain, "tail: \(printed) of \(count) messages came in time")
        }
    }

    /// Once it is known who we are and how far the conversations have come.
    private func follow() throws(Failure) {
        let chat = runner.session.chat
        guard !isFollowing, chat.hasBaseline, let me = runner.session.identity else { return }
        isFollowing = true
        guard let place = options.place else { return }
        let name = try me.conversation(place, at: loop.route.target.name)
        followed = name
        runner.perform(.follow(name, after: options.since))
    }

    private func tell(_ notice: ChatNotice) throws(Failure) {
        guard concerns(notice) else { return }
        let members = notice.members
        if let runs, let members {
            guard try runs.run(members, as: runner.session.chat.me, before: deadline) else { return }
        }
        if case .message = notice { printed += 1 }
        guard runs == nil else { return }
        if options.isJSON {
            if let members { try Output.json(members) }
        } else {
            for line in text.lines(for: notice, chat: runner.session.chat) { try Output.line(line) }
        }
    }

    /// Whether a notice is about the conversation asked for.
    private func concerns(_ notice: ChatNotice) -> Bool {
        let chat = runner.session.chat
        guard let place = options.place, let me = chat.me else { return true }
        let name = place.conversation(me: me, rooms: chat.rooms)
        return switch notice {
        case .message(let message), .sent(let message): message.conversation == name
        case .failed(let message, _): message.conversation == name
        case .typing(let conversation, _, _), .seen(let conversation, _, _), .gap(let conversation, _, _):
            conversation == name
        case .membership(let room, _, _): room == name
        case .presence(let user, _), .availability(let user, _): place == .lobby || place == .peer(user)
        case .returned(let users): place == .lobby || users.contains { place == .peer($0) }
        case .unknownUser(let user): place == .peer(user)
        case .link, .refused, .admitted, .desk, .storeChanged, .warning, .sessionOpened: true
        }
    }
}

extension ChatNotice {
    /// The members of the JSON line; nil for what has none.
    var members: [(String, JSON)]? {
        switch self {
        case .message(let message): return [("type", "message")] + Text.members(message)
        case .typing(let name, let user, let isTyping):
            return [
                ("type", "typing"), ("conversation", .string(name.channel)), ("from", .string(user.text)),
                ("typing", .bool(isTyping)),
            ]
        case .presence(let user, let isOnline):
            return [("type", "presence"), ("id", .string(user.text)), ("online", .bool(isOnline))]
        case .membership(let room, let user, let isHere):
            return [
                ("type", "presence"), ("conversation", .string(room.channel)), ("id", .string(user.text)),
                ("online", .bool(isHere)),
            ]
        case .availability(let user, let new):
            return [
                ("type", "presence"), ("id", .string(user.text)), ("online", true),
                ("availability", .string(new.state.rawValue)), ("since", .string(new.since.rfc3339)),
                ("text", .string(new.text)),
            ]
        case .seen(let name, let user, let through):
            return [
                ("type", "seen"), ("conversation", .string(name.channel)), ("by", .string(user.text)),
                ("seq", JSON(through)),
            ]
        case .gap(let name, let from, let through):
            return [
                ("type", "gap"), ("conversation", .string(name.channel)), ("from", JSON(from)),
                ("through", JSON(through)),
            ]
        case .link(let link): return [("type", "link")] + link.members
        case .refused(let channel, let refusal):
            return [("type", "refused")] + channel.members + [
                ("reason", .string(refusal.reason)), ("retried", .bool(refusal.isRetried)),
                ("since", .string(refusal.since.rfc3339)),
            ]
        case .admitted(let channel): return [("type", "admitted")] + channel.members
        case .desk(let fault):
            guard let fault else { return [("type", "desk"), ("state", "ok")] }
            return [
                ("type", "desk"), ("state", fault.concernsStoring ? "cannot_store" : "failing"),
                ("reason", .string(fault.reason)), ("since", .string(fault.since.rfc3339)),
            ]
        case .sessionOpened(let session):
            return [("type", "session"), ("from", .string(session.from)), ("client", .string(session.client))]
        case .sent, .failed, .returned, .unknownUser, .storeChanged, .warning: return nil
        }
    }
}

extension RefusedChannel {
    fileprivate var members: [(String, JSON)] {
        switch self {
        case .conversation(let name): [("conversation", .string(name.channel))]
        case .inbox: []
        }
    }
}

extension Link {
    fileprivate var members: [(String, JSON)] {
        switch self {
        case .connecting(let attempt): [("state", "connecting"), ("attempt", JSON(attempt))]
        case .online: [("state", "online")]
        case .doubtful: [("state", "doubtful")]
        case .polling: [("state", "polling")]
        case .offline(let reason, _): [("state", "offline"), ("reason", .string(reason))]
        case .notAdmitted(let reason, _): [("state", "not_admitted"), ("reason", .string(reason))]
        case .refused(let reason): [("state", "refused"), ("reason", .string(reason))]
        case .hostStopped(let pid): [("state", "host_stopped"), ("pid", JSON(Int(pid)))]
        }
    }
}
