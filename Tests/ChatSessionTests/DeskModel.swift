import ChannelsProtocol
import Chat

@testable import ChatSession

/// A desk of values: what the real one keeps in its database and says over HTTP, without either.
struct DeskModel {
    struct Stored {
        var message: Message
        var json: JSON
    }

    /// What the engine is to publish, in order.
    struct Published {
        var name: String
        var channel: String
        var data: JSON
        var excluding: String?
    }

    /// With it conversations of two are encrypted.
    var masterKey: [UInt8]?
    /// So many of the next who may read an encrypted channel are told a wrong key.
    var wrongKeys = 0
    private var nonces: UInt8 = 0
    private var appMessages = 990

    private struct Sent: Hashable {
        let from: UserID
        let clientID: String
    }

    private var answered: [Sent: Stored] = [:]
    let signer = Signer(key: "key", secret: "secret")
    var store = "store-1"
    var messages: [String: [Stored]] = [:]
    var seen: [String: [UserID: Int]] = [:]
    var settled: [String: [UserID: Int]] = [:]
    var users: Set<UserID> = []
    /// Where the engine is another program than the desk.
    var engineHost: String?
    /// As the engine says.
    var online: Set<UserID> = []
    /// Who is in a room beside the lobby.
    var here: [String: Set<UserID>] = [:]
    /// Beside the lobby.
    var rooms: [ChatRoom] = []
    var published: [Published] = []
    /// The next requests whose path holds this are answered so instead.
    var faults: [(path: String, status: Int, count: Int)] = []
    /// Requests whose path holds this are answered so, for as long as it stands here.
    var answers: [(path: String, status: Int, body: String)] = []
    var log: [(user: UserID, request: DeskRequest)] = []
    /// Whose a token is.
    var tokens: [String: UserID] = [:]
    /// Nothing can be written: every such call is answered 503.
    var isFull = false
    /// With the next message stored the process ends, before anybody hears of it, and is away for so long.
    var crashesOnSend: Duration?
    var crash: Duration?
    /// How many calls were answered 401.
    var refused = 0

    /// The old ones of this user are no longer good.
    mutating func newToken(_ user: UserID) -> String {
        tokens = tokens.filter { $0.value != user }
        let token = "\(user)-\(tokenCount)"
        tokenCount += 1
        tokens[token] = user
        users.insert(user)
        return token
    }

    private var tokenCount = 0

    mutating func answer(_ request: DeskRequest, token: String, at date: Timestamp) -> (status: Int, body: String) {
        guard let me = tokens[token] else {
            refused += 1
            return (401, #"{"error":{"code":"bad_token","message":"the token belongs to nobody here"}}"#)
        }
        log.append((me, request))
        if let answer = answers.first(where: { request.path.contains($0.path) }) { return (answer.status, answer.body) }
        for index in faults.indices where request.path.contains(faults[index].path) && faults[index].count > 0 {
            faults[index].count -= 1
            return (faults[index].status, #"{"error":{"code":"fault","message":"a fault on purpose"}}"#)
        }
        if isFull, request.method == "POST", !request.path.hasPrefix("/pusher") {
            return (503, #"{"error":{"code":"store_unavailable","message":"the disk is full"}}"#)
        }
        let path = request.path.split(separator: "?", maxSplits: 1)
        let steps = path[0].split(separator: "/").map { String($0).removingPercentEncoding() }
        let query = path.count > 1 ? fields(String(path[1])) : [:]
        switch (request.method, steps.first, steps.dropFirst().first) {
        case ("POST", "pusher", "auth"): return authorize(fields(request.body), me)
        case ("POST", "app", "say"): return appSays(fields(request.body), me)
        case ("GET", "api", "me"):
            var channels: [(String, JSON)] = [
                ("key", "key"), ("path", ""), ("presence", "presence-lobby"), ("encrypted", .bool(masterKey != nil)),
            ]
            if let engineHost { channels.append(("host", .string(engineHost))) }
            return ok([
                "id": .string(me.text), "name": .string(me.text), "store": .string(store),
                "channels": .object(JSONObject(channels)),
                "rooms": .array(
                    ([.lobby()] + rooms).map {
                        [
                            "name": .string($0.name), "channel": .string($0.conversation.channel),
                            "title": .string($0.title),
                        ]
                    }),
            ])
        case ("GET", "api", "rooms") where steps.last == "members" && rooms.contains { $0.name == steps[2] }:
            let list = (here[steps[2]] ?? []).sorted().map { user -> JSON in
                ["id": .string(user.text), "name": .string(user.text), "online": true]
            }
            return ok(.array(list))
        case ("GET", "api", "users"):
            let list = users.sorted().map { user -> JSON in
                ["id": .string(user.text), "name": .string(user.text), "online": .bool(online.contains(user))]
            }
            return ok(.array(list))
        case ("GET", "api", "conversations") where steps.count == 2: return conversations(me, query)
        case ("GET", "api", "changes"):
            let list = conversations(me, query).1
            let state = Digest.hex(Digest.sha256(Array(list.utf8)))
            return query["since"] == state
                ? ok(["state": .string(state)])
                : (200, #"{"state":"\#(state)","conversations":\#(list)}"#)
        case (let method, "api", "conversations"), (let method, "api", "rooms"):
            let peer = UserID(steps[2])
            let name =
                steps[1] == "rooms"
                ? ([.lobby()] + rooms).first { $0.name == steps[2] }?.conversation
                : peer.flatMap { ConversationName(me, $0) }
            guard let name, name.isRoom || peer.map(users.contains) == true else {
                return (404, #"{"error":{"code":"unknown_peer","message":"there is no such user"}}"#)
            }
            if steps.last == "settled" { return settle(name, request.body, me) }
            if steps.last == "seen" { return markSeen(name, request.body, me) }
            return method == "GET" ? page(name, query) : take(name, request.body, me, date)
        default: return (404, "{}")
        }
    }

    private mutating func authorize(_ form: [String: String], _ me: UserID) -> (Int, String) {
        guard let socket = form["socket_id"].flatMap({ SocketID($0) }), let text = form["channel_name"] else {
            return (400, "{}")
        }
        let channel = ChannelName(wire: text)
        if text == "presence-lobby" || rooms.contains(where: { $0.conversation.channel == text }) {
            let data = #"{"user_id":"\#(me.text)","user_info":{"name":"\#(me.text)"}}"#
            let auth = signer.channel(channel, socketID: socket, channelData: data)
            return ok(["auth": .string(auth), "channel_data": .string(data)])
        }
        if let masterKey, ConversationName(encryptedChannel: text)?.peer(of: me) != nil {
            wrongKeys -= 1
            let key = wrongKeys >= 0 ? [UInt8](repeating: 9, count: 32) : masterKey
            let secret = ChannelCipher(masterKey: key, channel: channel)?.sharedSecret
            return ok([
                "auth": .string(signer.channel(channel, socketID: socket)), "shared_secret": .string(secret ?? ""),
            ])
        }
        if let name = ConversationName(channel: text), !name.isRoom, let peer = name.peer(of: me) {
            publish("inbox", ConversationName.inbox(of: peer), note("conversation_opened", name, me, peer, 0))
        } else if ConversationName.inboxOwner(channel: text) != me {
            return (403, #"{"error":{"code":"refused","message":"not yours"}}"#)
        }
        return ok(["auth": .string(signer.channel(channel, socketID: socket))])
    }

    /// What an application's own server does where it has no desk.
    private mutating func appSays(_ form: [String: String], _ me: UserID) -> (Int, String) {
        guard let channel = form["channel_name"],
            let name = ConversationName(encryptedChannel: channel) ?? ConversationName(channel: channel)
        else { return (422, "{}") }
        appMessages += 1
        let json: JSON = [
            "id": JSON(appMessages), "from": .string(me.text), "text": .string(form["text"] ?? ""),
        ]
        publish("new_message", name.channel, json, excluding: form["socket_id"])
        return (201, json.text)
    }

    private func conversations(_ me: UserID, _ query: [String: String]) -> (Int, String) {
        let keys = messages.keys.sorted().drop { query["before"] != nil && $0 != query["before"] }
            .dropFirst(query["before"] == nil ? 0 : 1)
        let list = keys.compactMap { key -> JSON? in
            guard let name = ConversationName(channel: key), name.includes(me), let all = messages[key] else {
                return nil
            }
            let mark = seen[key]?[me] ?? 0
            let peerMark = name.peer(of: me).flatMap { seen[key]?[$0] } ?? 0
            let unseen = all.count { $0.message.seq > mark && $0.message.from != me }
            let settled = settled[key]?[me] ?? 0
            let replied = all.last { $0.message.from == me && !$0.message.isAutomated }?.message.seq ?? 0
            let start = all.first {
                $0.message.seq > max(settled, replied) && $0.message.from != me && !$0.message.isAutomated
            }
            return [
                "conversation": .string(key), "last": all.last?.json ?? .null, "unseen": JSON(unseen),
                "seen": JSON(mark), "seen_by_peer": JSON(peerMark),
                "waiting_since": start.map { .string($0.message.at.rfc3339) } ?? .null,
                "waiting_seq": start.map { JSON($0.message.seq) } ?? .null, "settled": JSON(settled),
            ]
        }
        return ok(.array(Array(list.prefix(query["limit"].flatMap(Int.init) ?? 50))))
    }

    private func page(_ name: ConversationName, _ query: [String: String]) -> (Int, String) {
        let all = messages[name.channel] ?? []
        let limit = query["limit"].flatMap(Int.init) ?? 50
        var part = all[...]
        if let before = query["before"].flatMap(Int.init) {
            part = part.prefix { $0.message.seq < before }.suffix(limit)
        } else if let after = query["after"].flatMap(Int.init) {
            part = part.drop { $0.message.seq <= after }.prefix(limit)
        } else {
            part = part.suffix(limit)
        }
        return ok([
            "messages": .array(part.map(\.json)), "first": JSON(all.first?.message.seq ?? 0),
            "last": JSON(all.last?.message.seq ?? 0),
        ])
    }

    private mutating func take(_ name: ConversationName, _ body: String, _ me: UserID, _ date: Timestamp) -> (
        Int, String
    ) {
        guard let sent = try? JSON(parsing: body), let clientID = sent["client_id"]?.string,
            let text = sent["text"]?.string
        else { return (400, "{}") }
        if let known = answered[Sent(from: me, clientID: clientID)] {
            return known.message.text == text && known.message.conversation == name ? ok(known.json) : (409, "{}")
        }
        let seq = (messages[name.channel]?.last?.message.seq ?? 0) + 1
        let message = Message(
            id: "\(store)/\(name.channel)/\(seq)", seq: seq, conversation: name, from: me, text: text, at: date,
            clientID: clientID)
        let json: JSON = [
            "id": .string(message.id), "seq": JSON(seq), "conversation": .string(name.channel),
            "from": .string(me.text),
            "text": .string(text), "at": .string(date.rfc3339), "client_id": .string(clientID),
        ]
        let stored = Stored(message: message, json: json)
        messages[name.channel, default: []].append(stored)
        answered[Sent(from: me, clientID: clientID)] = stored
        crash = crashesOnSend
        crashesOnSend = nil
        publish("new_message", name.channel, json, excluding: sent["socket_id"]?.string)
        if let peer = name.peer(of: me) {
            publish("inbox", ConversationName.inbox(of: peer), note("new_message", name, me, me, seq))
            publish("inbox", ConversationName.inbox(of: me), note("new_message", name, me, peer, seq))
        }
        return (201, json.text)
    }

    private mutating func markSeen(_ name: ConversationName, _ body: String, _ me: UserID) -> (Int, String) {
        guard let seq = (try? JSON(parsing: body))?["seq"]?.int else { return (400, "{}") }
        let old = seen[name.channel]?[me] ?? 0
        guard seq > old else { return (204, "") }
        seen[name.channel, default: [:]][me] = seq
        guard !name.isRoom else {
            // In a room only the reader's own terminals hear of it.
            publish("inbox", ConversationName.inbox(of: me), note("message_seen", name, me, nil, seq))
            return (204, "")
        }
        publish("message_seen", name.channel, ["by": .string(me.text), "seq": JSON(seq)])
        if let peer = name.peer(of: me) {
            publish("inbox", ConversationName.inbox(of: peer), note("message_seen", name, me, me, seq))
            publish("inbox", ConversationName.inbox(of: me), note("message_seen", name, me, peer, seq))
        }
        return (204, "")
    }

    private mutating func settle(_ name: ConversationName, _ body: String, _ me: UserID) -> (Int, String) {
        guard let seq = (try? JSON(parsing: body))?["seq"]?.int else { return (400, "{}") }
        let mark = min(seq, messages[name.channel]?.last?.message.seq ?? 0)
        guard mark > settled[name.channel]?[me] ?? 0 else { return (204, "") }
        settled[name.channel, default: [:]][me] = mark
        publish("inbox", ConversationName.inbox(of: me), note("settled", name, me, name.peer(of: me), mark))
        return (204, "")
    }

    private mutating func publish(_ event: String, _ channel: String, _ data: JSON, excluding: String? = nil) {
        var (channel, data) = (channel, data)
        if let masterKey, event != "inbox", let encrypted = ConversationName(channel: channel)?.encryptedChannel {
            channel = encrypted
            nonces += 1
            let cipher = ChannelCipher(masterKey: masterKey, channel: ChannelName(wire: channel))
            let nonce = [UInt8](repeating: nonces, count: ChannelCipher.nonceLength)
            data = cipher?.seal(data.text, nonce: nonce).flatMap { try? JSON(parsing: $0) } ?? .null
        }
        published.append(Published(name: event, channel: channel, data: data, excluding: excluding))
    }

    private func note(_ kind: String, _ name: ConversationName, _ by: UserID, _ peer: UserID?, _ seq: Int) -> JSON {
        [
            "kind": .string(kind), "conversation": .string(name.channel),
            "peer": peer.map { .string($0.text) } ?? .null, "by": .string(by.text), "seq": JSON(seq),
        ]
    }

    private func ok(_ json: JSON) -> (Int, String) { (200, json.text) }

    private func fields(_ text: String) -> [String: String] {
        var out: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding() }
            out[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        return out
    }
}

extension String {
    func removingPercentEncoding() -> String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
