import ChannelsProtocol
import Chat
import ChatSession

/// What went into a session, a line each, so that another session can be fed the same: the head with its seed and settings,
/// then every event and every tick with the time it was given.
struct SessionRecord {
    private let redaction: Redaction

    init(_ redaction: Redaction) { self.redaction = redaction }

    func head(_ settings: SessionSettings, _ seed: (UInt64, UInt64), version: String) -> String {
        Text.json([
            ("type", "record"), ("program", .string("parley \(version)")),
            ("seed", .array([.string(String(seed.0)), .string(String(seed.1))])),
            ("joins_lobby", .bool(settings.joinsLobby)), ("misses_nothing", .bool(settings.missesNothing)),
            ("backoff_ms", JSON(settings.backoffBase.wholeMilliseconds)),
            ("backoff_cap_ms", JSON(settings.backoffCap.wholeMilliseconds)),
        ])
    }

    func tick(_ now: Moment) -> String { line("tick", [], now) }

    /// Nil for what is this machine's own business: what it keeps on its disk.
    func event(_ event: SessionEvent, _ now: Moment) -> String? {
        switch event {
        case .started(let user): line("started", [("as", user.map { .string($0.text) } ?? .null)], now)
        // Drafts and what waits to be sent are nobody else's.
        case .restored: line("restored", [], now)
        case .notRestored: line("restored", [], now)
        case .saved, .notSaved: nil
        case .socketOpened(let attempt): line("socket_opened", [("attempt", JSON(attempt))], now)
        case .socketText(let attempt, let text):
            line("socket_text", [("attempt", JSON(attempt)), ("text", .string(redaction.text(text)))], now)
        case .socketActive(let attempt): line("socket_active", [("attempt", JSON(attempt))], now)
        case .socketClosed(let attempt, let code, let reason):
            line(
                "socket_closed",
                [
                    ("attempt", JSON(attempt)), ("code", code.map { JSON(Int($0)) } ?? .null),
                    ("reason", .string(redaction.text(reason))),
                ], now)
        case .socketRefused(let attempt, let status, let reason):
            line(
                "socket_refused",
                [
                    ("attempt", JSON(attempt)), ("status", status.map { JSON($0) } ?? .null),
                    ("reason", .string(redaction.text(reason))),
                ], now)
        case .answered(let request, let status, let retryAfter, let body):
            line(
                "answered",
                [
                    ("request", JSON(request)), ("status", JSON(status)),
                    ("retry_after_ms", retryAfter.map { JSON($0.wholeMilliseconds) } ?? .null),
                    ("body", .string(redaction.text(body))),
                ], now)
        case .unanswered(let request, let reason):
            line("unanswered", [("request", JSON(request)), ("reason", .string(redaction.text(reason)))], now)
        // `inspect` gives no commands, and nobody lives off its connection.
        case .command, .lineOpened, .lineText, .lineClosed: nil
        case .reconnectNow: line("reconnect", [], now)
        case .woke: line("woke", [], now)
        case .hostStopped(let pid): line("host_stopped", [("pid", pid.map { JSON(Int($0)) } ?? .null)], now)
        case .stopping: line("stopping", [], now)
        }
    }

    private func line(_ kind: String, _ members: [(String, JSON)], _ now: Moment) -> String {
        let time: [(String, JSON)] = [
            ("type", .string(kind)), ("at", .string(now.date.rfc3339)),
            ("uptime_ms", JSON(now.uptime.wholeMilliseconds)),
        ]
        return Text.json(time + members)
    }
}

/// A record read back, and played to a session without a network.
struct SessionReplay {
    private enum Step { case event(SessionEvent), tick }

    private var steps: [(step: Step, now: Moment)] = []
    private let settings: SessionSettings
    private let seed: (UInt64, UInt64)
    let program: String

    /// Throws which line is no part of a record.
    init(_ text: String, name: String) throws(Failure) {
        let lines = text.split(separator: "\n")
        func wrong(_ number: Int, _ what: String) -> Failure {
            Failure(
                .badInput, "\(Text.shown(name)), line \(number): \(what); expected what parley inspect --record writes")
        }
        guard let head = lines.first.flatMap({ try? JSON(parsing: String($0)) }), head["type"]?.string == "record",
            let seeds = head["seed"]?.array?.compactMap({ $0.string.flatMap { UInt64($0) } }), seeds.count == 2
        else { throw wrong(1, "is no head of a record") }
        seed = (seeds[0], seeds[1])
        program = head["program"]?.string ?? ""
        settings = SessionSettings(
            backoffBase: .milliseconds(max(1, head["backoff_ms"]?.int ?? 1000)),
            backoffCap: .milliseconds(max(1, head["backoff_cap_ms"]?.int ?? 30_000)),
            joinsLobby: head["joins_lobby"]?.bool ?? true, sendsTyping: false,
            missesNothing: head["misses_nothing"]?.bool ?? true)
        for (index, line) in lines.enumerated().dropFirst() {
            guard let json = try? JSON(parsing: String(line)),
                let date = json["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }), let uptime = json["uptime_ms"]?.int,
                let step = Self.step(json)
            else { throw wrong(index + 1, "is no event of a session") }
            steps.append((step, Moment(uptime: .milliseconds(uptime), date: date)))
        }
    }

    /// Feeds it all, and hands over what a listener would have been told.
    func run(_ tell: (ChatNotice, ChatState) throws(Failure) -> Void) throws(Failure) {
        var session = Session(settings: settings, seed: seed)
        for (step, now) in steps {
            let effects =
                switch step {
                case .tick: session.tick(now: now)
                case .event(let event): session.handle(event, now: now)
                }
            for case .notice(let notice) in effects { try tell(notice, session.chat) }
        }
    }

    private static func step(_ json: JSON) -> Step? {
        let attempt = json["attempt"]?.int
        let request = json["request"]?.int
        let reason = json["reason"]?.string
        switch json["type"]?.string {
        case "tick": return .tick
        case "started": return .event(.started(as: json["as"]?.string.flatMap { UserID($0) }))
        case "restored": return .event(.restored(SavedState()))
        case "socket_opened": return attempt.map { .event(.socketOpened(attempt: $0)) }
        case "socket_active": return attempt.map { .event(.socketActive(attempt: $0)) }
        case "socket_text":
            guard let attempt, let text = json["text"]?.string else { return nil }
            return .event(.socketText(attempt: attempt, text))
        case "socket_closed":
            guard let attempt, let reason else { return nil }
            return .event(
                .socketClosed(attempt: attempt, code: json["code"]?.int.flatMap { UInt16(exactly: $0) }, reason: reason)
            )
        case "socket_refused":
            guard let attempt, let reason else { return nil }
            return .event(.socketRefused(attempt: attempt, status: json["status"]?.int, reason: reason))
        case "answered":
            guard let request, let status = json["status"]?.int, let body = json["body"]?.string else { return nil }
            return .event(
                .answered(
                    request: request, status: status,
                    retryAfter: json["retry_after_ms"]?.int.map { .milliseconds($0) }, body: body))
        case "unanswered":
            guard let request, let reason else { return nil }
            return .event(.unanswered(request: request, reason: reason))
        case "reconnect": return .event(.reconnectNow)
        case "woke": return .event(.woke)
        case "host_stopped": return .event(.hostStopped(pid: json["pid"]?.int.flatMap { Int32(exactly: $0) }))
        case "stopping": return .event(.stopping)
        default: return nil
        }
    }
}

extension Duration {
    var wholeMilliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
