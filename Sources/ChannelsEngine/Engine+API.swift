package import ChannelsProtocol

extension Engine {
    /// The app id in the path of a request to the HTTP API, `/apps/ID/…`; nil for other paths.
    package static func appID(inPath path: String) -> String? {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            Substring($0)
        }
        guard parts.count > 3, parts[0].isEmpty, parts[1] == "apps", !parts[2].isEmpty else { return nil }
        return String(parts[2])
    }

    /// For an app that is not in the path, or is none.
    package static let noSuchApp = APIAnswer.refused(404, "no such app")

    /// Answers a request to the HTTP API: checks its signature, does what it asks, says what came of it.
    ///
    /// - Parameters:
    ///   - request: as it came; the path still percent-encoded, without a prefix of the listener's.
    ///   - unixTime: seconds, for the window of the signature.
    package mutating func answer(_ request: APIRequest, unixTime: Int, now: Duration) -> APIAnswer {
        guard Self.appID(inPath: request.path) == app.id else { return Self.noSuchApp }
        guard app.features.isEnabled else { return .refused(403, "the app is disabled") }
        do throws(RequestRefusal) {
            try app.signer.check(request, now: unixTime, window: limits.requestWindow)
        } catch {
            return .refused(401, error.description)
        }
        do throws(APIRefusal) {
            let parts = request.path.utf8.split(separator: UInt8(ascii: "/")).dropFirst(2).map {
                HTTPQuery.decode(Substring($0), plusIsSpace: false)
            }
            switch (request.method, parts.count, parts.first) {
            case ("POST", 1, "events"): return try answerEvents(request, now: now)
            case ("POST", 1, "batch_events"): return try answerBatch(request, now: now)
            case ("GET", 1, "channels"): return try answerChannels(request)
            case ("GET", 2, "channels"): return try answerChannel(ChannelName(wire: parts[1]), request, now: now)
            case ("GET", 3, "channels") where parts[2] == "users":
                return try answerUsers(ChannelName(wire: parts[1]), request)
            case ("POST", 3, "users") where parts[2] == "terminate_connections":
                return .ok([:], terminate(userID: parts[1], now: now))
            default: return .refused(404, "no such call: \(request.method) \(request.path)")
            }
        } catch {
            return .refused(error.status, error.sentence)
        }
    }
}

extension Engine {
    private mutating func answerEvents(_ request: APIRequest, now: Duration) throws(APIRefusal) -> APIAnswer {
        let body = try APIBody.object(of: request)
        let event = try APIBody.event(body)
        let asked = try APIAttributes(body["info"]?.string)
        do {
            let outputs = try trigger(event, now: now)
            guard !asked.isEmpty else { return .ok([:], outputs) }
            let answers = event.channels.map { ($0.text, counts(of: $0, asked)) }
            return .ok(["channels": .object(JSONObject(answers))], outputs)
        } catch {
            throw APIRefusal(error.status, error.description)
        }
    }

    /// Either every event of a batch is published or none.
    private mutating func answerBatch(_ request: APIRequest, now: Duration) throws(APIRefusal) -> APIAnswer {
        guard let batch = try APIBody.object(of: request)["batch"]?.array else {
            throw APIRefusal(400, "\"batch\" is missing; it is an array of events")
        }
        guard batch.count <= limits.batchSize else {
            throw APIRefusal(400, "a batch has at most \(limits.batchSize) events; this one has \(batch.count)")
        }
        var events: [(event: PublishedEvent, asked: APIAttributes)] = []
        for entry in batch {
            events.append((try APIBody.event(entry), try APIAttributes(entry["info"]?.string)))
        }
        do {
            for entry in events { try check(entry.event) }
            var outputs: [EngineOutput] = []
            for entry in events { outputs += try trigger(entry.event, now: now) }
            guard events.contains(where: { !$0.asked.isEmpty }) else { return .ok([:], outputs) }
            let answers = events.map { entry in
                entry.event.channels.first.map { counts(of: $0, entry.asked) } ?? [:]
            }
            return .ok(["batch": .array(answers)], outputs)
        } catch {
            throw APIRefusal(error.status, error.description)
        }
    }

    private func answerChannels(_ request: APIRequest) throws(APIRefusal) -> APIAnswer {
        let prefix = request.query["filter_by_prefix"] ?? ""
        let asked = try APIAttributes(request.query["info"])
        if asked.userCount, !prefix.hasPrefix("presence-") {
            throw APIRefusal(400, "user_count is for presence channels; filter_by_prefix must begin with presence-")
        }
        if asked.cache { throw APIRefusal(400, "cache is for one channel at a time") }
        return .ok(["channels": .object(JSONObject(occupied(prefix).map { ($0.text, counts(of: $0, asked)) }))])
    }

    private func answerChannel(
        _ channel: ChannelName, _ request: APIRequest, now: Duration
    ) throws(APIRefusal) -> APIAnswer {
        try Self.insistOnName(channel, limits.channelName)
        let asked = try APIAttributes(request.query["info"])
        if asked.userCount, !channel.kind.isPresence {
            throw APIRefusal(400, "user_count is for presence channels; \(channel) is none")
        }
        if asked.cache, !channel.kind.isCache {
            throw APIRefusal(400, "cache is for cache channels; \(channel) is none")
        }
        var answer = JSONObject([("occupied", .bool(channels[channel]?.subscribers.isEmpty == false))])
        for member in counts(of: channel, asked).object ?? JSONObject() { answer[member.name] = member.value }
        if asked.cache {
            if let cached = channels[channel]?.cached, now < cached.until {
                let left = JSON(Int((cached.until - now).components.seconds))
                answer["cache"] = ["data": .string(cached.data), "ttl": left]
            } else {
                answer["cache"] = .null
            }
        }
        return .ok(.object(answer))
    }

    private func answerUsers(_ channel: ChannelName, _ request: APIRequest) throws(APIRefusal) -> APIAnswer {
        try Self.insistOnName(channel, limits.channelName)
        guard channel.kind.isPresence else {
            throw APIRefusal(400, "users are in presence channels; \(channel) is none")
        }
        let withInfo = request.query["with_user_info"] == "1"
        let users = members(of: channel).map { member -> JSON in
            withInfo ? ["id": .string(member.id), "user_info": member.info ?? .null] : ["id": .string(member.id)]
        }
        return .ok(["users": .array(users)])
    }

    private static func insistOnName(_ channel: ChannelName, _ limit: Int) throws(APIRefusal) {
        if let problem = channel.problem(limit: limit) { throw APIRefusal(400, problem.description) }
    }

    /// What was asked of a channel, as far as it applies to it.
    private func counts(of channel: ChannelName, _ asked: APIAttributes) -> JSON {
        var answer = JSONObject()
        if asked.userCount, channel.kind.isPresence { answer["user_count"] = JSON(userCount(of: channel)) }
        if asked.subscriptionCount { answer["subscription_count"] = JSON(subscriptionCount(of: channel)) }
        return .object(answer)
    }
}

/// The attributes a request asks for under `info`.
private struct APIAttributes {
    var userCount = false
    var subscriptionCount = false
    var cache = false

    var isEmpty: Bool { !userCount && !subscriptionCount && !cache }

    init(_ info: String?) throws(APIRefusal) {
        for word in (info ?? "").unicodeScalars.split(separator: ",") {
            switch String(word.filter { $0 != " " }) {
            case "user_count": userCount = true
            case "subscription_count": subscriptionCount = true
            case "cache": cache = true
            default: throw APIRefusal(400, "info has user_count, subscription_count and cache; \"\(word)\" is none")
            }
        }
    }
}

/// Reading what is posted.
private enum APIBody {
    static func object(of request: APIRequest) throws(APIRefusal) -> JSON {
        let json: JSON
        do {
            json = try JSON(parsing: request.body)
        } catch {
            throw APIRefusal(400, "the body is no JSON: \(error)")
        }
        guard json.object != nil else { throw APIRefusal(400, "the body is a JSON object; this is another value") }
        return json
    }

    static func event(_ body: JSON) throws(APIRefusal) -> PublishedEvent {
        guard let name = body["name"]?.string else { throw APIRefusal(400, "\"name\" is missing; it is a text") }
        guard let data = body["data"]?.string else {
            throw APIRefusal(400, "\"data\" is missing; it is a text, so encode objects as JSON first")
        }
        var channels: [ChannelName] = []
        switch (body["channels"], body["channel"]) {
        case (.array(let list), _):
            for entry in list {
                guard let text = entry.string else { throw APIRefusal(400, "a channel name is a text") }
                channels.append(ChannelName(wire: text))
            }
        case (_, .string(let text)): channels = [ChannelName(wire: text)]
        default: throw APIRefusal(400, "\"channels\" or \"channel\" is missing")
        }
        var excluding: SocketID?
        if let given = body["socket_id"], given != .null, given != "" {
            excluding = given.string.flatMap(SocketID.init)
            if excluding == nil { throw APIRefusal(400, "socket_id is not of the form 123.456") }
        }
        var seen = Set<ChannelName>()
        return PublishedEvent(
            name: name, data: data, channels: channels.filter { seen.insert($0).inserted }, excluding: excluding)
    }
}
