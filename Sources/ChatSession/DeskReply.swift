package import Chat
import ChannelsClient
package import ChannelsProtocol

/// Why the desk did not do what was asked.
package struct DeskFailure: Error, Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// The token is not known, or no longer (401).
        case unauthorized
        /// Known, but not allowed to (403).
        case refused
        case unknownPeer
        case tooLarge
        /// The desk will not take it as it is (400, 409 and other 4xx).
        case rejected
        /// 429, 5xx: the same may work later, not before `retryAfter`.
        case busy(retryAfter: Duration?)
        /// Nothing that was asked for could be read in the answer.
        case malformed
    }
    package var kind: Kind
    /// A sentence for the person.
    package var message: String
    /// The desk's word for programs.
    package var code: String?

    package init(_ kind: Kind, _ message: String, code: String? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    /// The code where no answer came.
    static let unanswered = "unanswered"

    /// What keeps the desk from doing its work; nil where it does, and only this call is refused.
    var deskFault: String? {
        guard case .busy = kind else { return nil }
        switch code {
        case Self.unanswered?: return "the desk does not answer"
        // Without a code it is a proxy that does not reach the desk.
        case nil, "store_unavailable"?, "store_damaged"?, "disk_full"?: return message
        default: return nil
        }
    }
}

/// Who the desk says we are and where its channels are. Host, port and TLS are nil where the engine is the desk itself.
package struct Identity: Equatable, Sendable {
    package var id: UserID
    package var name: String
    package var store: String
    package var key: String
    package var host: String?
    package var port: Int?
    package var tls: Bool?
    /// What stands before `/app/KEY`.
    package var path: String
    package var lobby: ConversationName
    /// Messages of two travel on an encrypted channel; typing stays on the private one.
    package var isEncrypted: Bool
    /// Those beside the lobby.
    package var otherRooms: [ChatRoom]

    /// The lobby first.
    package var rooms: [ChatRoom] { [.lobby(lobby)] + otherRooms }

    package init(
        id: UserID, name: String, store: String, key: String, host: String? = nil, port: Int? = nil, tls: Bool? = nil,
        path: String = "", lobby: ConversationName = .lobby, otherRooms: [ChatRoom] = [], isEncrypted: Bool = false
    ) {
        self.isEncrypted = isEncrypted
        self.id = id
        self.name = name
        self.store = store
        self.key = key
        self.host = host
        self.port = port
        self.tls = tls
        self.path = path
        self.lobby = lobby
        self.otherRooms = otherRooms
    }
}

/// Somebody who can be written to.
package struct DeskUser: Equatable, Sendable {
    package var id: UserID
    package var name: String
    package var isOnline: Bool

    package init(id: UserID, name: String, isOnline: Bool) {
        self.id = id
        self.name = name
        self.isOnline = isOnline
    }
}

/// A connection by which the user is signed in somewhere.
package struct DeskSession: Equatable, Sendable {
    package var id: SocketID
    package var since: Timestamp?
    /// An IP address, or `this machine`.
    package var from: String
    /// What the program calls itself, with its version.
    package var client: String
    /// Of the program, the same after a reconnect; empty where it tells none.
    package var run: String
    /// Whether it is in the lobby, where others see it.
    package var isPresent: Bool
    package var channels: [String]
}

/// Reads the answers of the desk's HTTP API. What cannot be understood is a `DeskFailure`, never a crash.
package enum DeskReply {
    package static func identity(status: Int, body: String) throws(DeskFailure) -> Identity {
        let json = try success(status, body)
        guard let id = json["id"]?.string.flatMap({ UserID($0) }), let key = json["channels"]?["key"]?.string else {
            throw DeskFailure(.malformed, "/api/me: the answer names no user or no channels key; is this a desk?")
        }
        let channels = json["channels"]
        let room = channels?["presence"]?.string ?? ConversationName.lobby.channel
        return Identity(
            id: id, name: name(json["name"]) ?? id.text, store: json["store"]?.string ?? "", key: key,
            host: channels?["host"]?.string, port: channels?["port"]?.int, tls: channels?["tls"]?.bool,
            path: channels?["path"]?.string ?? "", lobby: .room(room),
            otherRooms: rooms(json["rooms"]?.array ?? [], beside: room),
            isEncrypted: channels?["encrypted"]?.bool ?? false)
    }

    /// What is no room of a name and a channel of its own is left out. An older desk tells of none.
    private static func rooms(_ list: [JSON], beside lobby: String) -> [ChatRoom] {
        var taken: Set<String> = [ChatRoom.lobbyName, lobby]
        let rooms = list.prefix(2 * ChatRoom.limit).compactMap { each -> ChatRoom? in
            guard let name = each["name"]?.string.flatMap({ UserID($0) }), let channel = each["channel"]?.string,
                case .room = ConversationName(channel: channel), ChannelName(channel) != nil,
                !taken.contains(name.text), !taken.contains(channel)
            else { return nil }
            taken.formUnion([name.text, channel])
            return ChatRoom(name.text, .room(channel), title: each["title"]?.string ?? "")
        }
        return Array(rooms.prefix(ChatRoom.limit))
    }

    /// Everybody, or those in a room.
    package static func people(status: Int, body: String) throws(DeskFailure) -> [DeskUser] {
        guard let list = try success(status, body).array else {
            throw DeskFailure(.malformed, "the answer is no list of people")
        }
        return list.prefix(Roster.limit).compactMap { each in
            guard let id = each["id"]?.string.flatMap({ UserID($0) }) else { return nil }
            return DeskUser(id: id, name: name(each["name"]) ?? id.text, isOnline: each["online"]?.bool ?? false)
        }
    }

    package static func sessions(status: Int, body: String) throws(DeskFailure) -> [DeskSession] {
        guard let list = try success(status, body).array else {
            throw DeskFailure(.malformed, "/api/sessions: the answer is no list")
        }
        return list.compactMap { each in
            guard let id = each["id"]?.string.flatMap({ SocketID($0) }) else { return nil }
            return DeskSession(
                id: id, since: each["since"]?.string.flatMap { Timestamp(rfc3339: $0) },
                from: each["from"]?.string ?? "",
                client: [each["client"]?.string, each["version"]?.string].compactMap(\.self).joined(separator: " "),
                run: each["run"]?.string ?? "", isPresent: each["present"]?.bool ?? false,
                channels: each["channels"]?.array?.compactMap(\.string) ?? [])
        }
    }

    /// Conversations that `me` is not in are left out.
    package static func conversations(status: Int, body: String, me: UserID) throws(DeskFailure)
        -> [ConversationSummary]
    {
        guard let list = conversations(try success(status, body), me: me) else {
            throw DeskFailure(.malformed, "/api/conversations: the answer is no list of \(DeskCall.maxPage) or fewer")
        }
        return list
    }

    /// What stands for the state of things, and the conversations where that is another than was known.
    static func changes(status: Int, body: String, me: UserID) throws(DeskFailure) -> (
        state: String, list: [ConversationSummary]?
    ) {
        let json = try success(status, body)
        guard let state = json["state"]?.string, state.utf8.count <= maxID else {
            throw DeskFailure(.malformed, "/api/changes: the answer holds no state")
        }
        guard let list = json["conversations"] else { return (state, nil) }
        guard let list = conversations(list, me: me) else {
            throw DeskFailure(.malformed, "/api/changes: the answer is no list of \(DeskCall.maxPage) or fewer")
        }
        return (state, list)
    }

    private static func conversations(_ json: JSON, me: UserID) -> [ConversationSummary]? {
        guard let list = json.array, list.count <= DeskCall.maxPage else { return nil }
        return list.compactMap { each in
            guard let name = each["conversation"]?.string.flatMap({ ConversationName(channel: $0) }), name.includes(me)
            else { return nil }
            let last = each["last"].flatMap { message($0, in: name) }
            return ConversationSummary(
                name: name, last: last, unseen: count(each["unseen"]) ?? 0, seenByMe: count(each["seen"]),
                seenByPeer: count(each["seen_by_peer"]) ?? 0, clock: clock(each))
        }
    }

    /// Nil where the desk does not tell.
    private static func clock(_ summary: JSON) -> ToldClock? {
        guard let since = summary["waiting_since"] else { return nil }
        var start: ToldClock.Start?
        if let time = since.string.flatMap({ Timestamp(rfc3339: $0) }), let seq = seq(summary["waiting_seq"]) {
            start = ToldClock.Start(seq: seq, since: time)
        }
        return ToldClock(start: start, settled: count(summary["settled"]) ?? 0)
    }

    /// Messages of another conversation make the whole page unreadable.
    package static func page(status: Int, body: String, in name: ConversationName) throws(DeskFailure) -> Page {
        let json = try success(status, body)
        guard let list = json["messages"]?.array, let first = count(json["first"]), let last = count(json["last"]),
            list.count <= DeskCall.maxPage
        else { throw DeskFailure(.malformed, "the answer is no page of messages") }
        let messages = list.compactMap { message($0, in: name) }
        guard messages.count == list.count else {
            throw DeskFailure(.malformed, "the page holds what is no message of this conversation")
        }
        return Page(messages: messages, first: first, last: last)
    }

    /// Messages of conversations that `me` is not in are left out.
    package static func found(status: Int, body: String, me: UserID) throws(DeskFailure) -> [Message] {
        guard let list = try success(status, body).array, list.count <= DeskCall.maxPage else {
            throw DeskFailure(.malformed, "the answer is no list of messages")
        }
        return list.compactMap { each in
            guard let name = each["conversation"]?.string.flatMap({ ConversationName(channel: $0) }), name.includes(me)
            else { return nil }
            return message(each, in: name)
        }
    }

    package static func message(status: Int, body: String, in name: ConversationName) throws(DeskFailure) -> Message {
        guard let message = message(try success(status, body), in: name) else {
            throw DeskFailure(.malformed, "the answer is not the message that was sent")
        }
        return message
    }

    static func authorization(status: Int, body: String) throws(DeskFailure) -> Authorization {
        let endpoint = "the authorization endpoint"
        guard (200...299).contains(status) else {
            guard (300...399).contains(status) else { throw failure(status, body, from: endpoint) }
            throw DeskFailure(.rejected, "\(endpoint) answered \(status), a redirect, which is not followed")
        }
        guard let json = try? JSON(parsing: body) else {
            let isPage = body.drop { $0.isWhitespace }.first == "<"
            let what = body.isEmpty ? "nothing" : isPage ? "a web page" : "text that is not JSON"
            throw DeskFailure(.malformed, "\(endpoint) answered \(status) with \(what) instead of a signature")
        }
        guard let auth = json["auth"]?.string else {
            throw DeskFailure(.malformed, "\(endpoint) answered \(status) without \"auth\"")
        }
        return Authorization(
            auth: auth, channelData: json["channel_data"]?.string, sharedSecret: json["shared_secret"]?.string)
    }

    /// Throws what a status other than 2xx means.
    package static func done(status: Int, body: String) throws(DeskFailure) {
        guard !(200...299).contains(status) else { return }
        throw failure(status, body)
    }

    /// As `done`, for a call that is answered without a body. The page of somebody in between is no answer of the desk.
    package static func accepted(status: Int, body: String) throws(DeskFailure) {
        try done(status: status, body: body)
        guard status != 204, body.contains(where: { !$0.isWhitespace }), (try? JSON(parsing: body)) == nil else {
            return
        }
        throw DeskFailure(.malformed, "the answer is not JSON; is this a desk?")
    }

    /// A message of `name`; nil where something it must have is missing, or it belongs elsewhere.
    package static func message(_ json: JSON, in name: ConversationName) -> Message? {
        guard let id = json["id"]?.string, id.utf8.count <= maxID, let seq = seq(json["seq"]),
            json["conversation"]?.string == name.channel, let from = json["from"]?.string.flatMap({ UserID($0) }),
            name.includes(from), let at = json["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            (json["text"]?.string?.utf8.count ?? 0) <= maxText, (json["client_id"]?.string?.utf8.count ?? 0) <= maxID
        else { return nil }
        return Message(
            id: id, seq: seq, conversation: name, from: from, text: json["text"]?.string, at: at,
            clientID: json["client_id"]?.string ?? "", isAutomated: json["automated"]?.bool ?? false,
            question: question(json["ask"]), answer: answer(json))
    }

    /// What breaks the limits of a question is an ordinary message.
    private static func question(_ json: JSON?) -> Question? {
        guard let choices = json?["choices"]?.array?.compactMap(\.string), Question.problem(choices) == nil,
            let until = json?["until"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return Question(choices: choices, until: until)
    }

    private static func answer(_ json: JSON) -> GivenAnswer? {
        json["answers"]?.string.map {
            GivenAnswer(to: $0, choice: json["choice"]?.string, isLate: json["late"]?.bool ?? false)
        }
    }

    /// No number a desk counts with is greater: any two of them can be added.
    static let maxCount = 1 << 53
    /// Bytes of a message's text, of its ids, and of a name. A desk takes no longer ones.
    static let maxText = 32_000
    static let maxID = 256
    static let maxName = 1_000

    /// 0 or more.
    static func count(_ json: JSON?) -> Int? { json?.int.flatMap { (0...maxCount).contains($0) ? $0 : nil } }

    /// 1 or more.
    static func seq(_ json: JSON?) -> Int? { count(json).flatMap { $0 > 0 ? $0 : nil } }

    /// What somebody calls themselves, cut where nobody reads on.
    static func name(_ json: JSON?) -> String? {
        guard let name = json?.string else { return nil }
        return name.utf8.count <= maxName ? name : String(name.unicodeScalars.prefix(maxName / 4))
    }

    private static func success(_ status: Int, _ body: String) throws(DeskFailure) -> JSON {
        try done(status: status, body: body)
        guard let json = try? JSON(parsing: body) else {
            throw DeskFailure(.malformed, "the answer is not JSON; is this a desk?")
        }
        return json
    }

    private static func failure(_ status: Int, _ body: String, from who: String = "the desk") -> DeskFailure {
        let json = try? JSON(parsing: body)
        let error = json?["error"]
        let said = error?["message"]?.string.map { String($0.unicodeScalars.prefix(500)) }
        // Web frameworks put the sentence at the top.
        let beside = json?["message"]?.string.map { ": " + String($0.unicodeScalars.prefix(500)) } ?? ""
        let message =
            said
            ?? ((300...399).contains(status)
                ? "the server redirects to another address (\(status))" : "\(who) answered \(status)\(beside)")
        switch status {
        case 401: return DeskFailure(.unauthorized, message)
        case 403: return DeskFailure(.refused, message)
        case 404 where error?["code"]?.string == "unknown_peer": return DeskFailure(.unknownPeer, message)
        case 413: return DeskFailure(.tooLarge, message)
        case 429: return DeskFailure(.busy(retryAfter: nil), message, code: "too_many_requests")
        case 500...599: return DeskFailure(.busy(retryAfter: nil), message, code: error?["code"]?.string)
        default: return DeskFailure(.rejected, message)
        }
    }
}

func json(_ members: [(String, JSON)]) -> JSON { .object(JSONObject(members)) }
