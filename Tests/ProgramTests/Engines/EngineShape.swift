import ChannelsProtocol
import Testing

/// How an engine says what others say differently, one value for each.
struct EngineShape: Sendable, CustomTestStringConvertible {
    /// What is done to a connection.
    enum Act: Sendable {
        case error(Int, String)
        case close(UInt16, String)
        /// TCP ends, without a close frame.
        case cut
    }

    let name: String
    /// Seconds, as the greeting tells them.
    let activityTimeout: Int
    /// Whether a subscription without members is confirmed with `"{}"`, or with no data at all.
    let confirmsWithData: Bool
    /// Whether ids that were numbers at the endpoint stay numbers.
    let keepsNumbers: Bool
    /// Whether a member of whom nothing is known is left out of the hash of the roster.
    let hashLacksUnknown: Bool
    /// Whether the data of `pusher:error` is a text with JSON in it.
    let errorIsText: Bool
    /// Whether an error names the channel it is about.
    let errorHasChannel: Bool
    let pongHasData: Bool
    /// Whether the sender of a client event in a presence channel is named.
    let namesSenders: Bool
    /// Instead of the confirmation, where the signature is wrong; nil: an error 4009 that is about nothing in particular.
    let wrongSignature: (type: String, error: String, status: Int)?
    let clientEventsOff: String
    let unknownKey: [Act]
    /// Where the server stops as it should.
    let stops: [Act]
    /// What becomes of a connection that was silent for too long.
    let prunes: [Act]
    /// Errors it says about this and that while a connection goes on.
    let errors: [(code: Int, message: String)]

    var testDescription: String { name }

    static let all = [soketi, reverb, sockudo]

    static let soketi = EngineShape(
        name: "soketi", activityTimeout: 30, confirmsWithData: false, keepsNumbers: true, hashLacksUnknown: true,
        errorIsText: false, errorHasChannel: true, pongHasData: true, namesSenders: true,
        wrongSignature: ("AuthError", "The connection is unauthorized.", 401),
        clientEventsOff: "The app does not have client messaging enabled.",
        unknownKey: [.error(4001, "App key 12 does not exist."), .close(4001, "")],
        stops: [.error(4200, "Server closed. Please reconnect shortly."), .close(4200, "")],
        prunes: [.close(4201, "")],
        errors: [(4301, "Event name is too long."), (4302, "A server error has occured.")])

    static let reverb = EngineShape(
        name: "Reverb", activityTimeout: 30, confirmsWithData: true, keepsNumbers: true, hashLacksUnknown: false,
        errorIsText: true, errorHasChannel: false, pongHasData: false, namesSenders: true, wrongSignature: nil,
        clientEventsOff: "The app does not have client messaging enabled.",
        unknownKey: [.error(4001, "Application does not exist"), .cut], stops: [.cut],
        prunes: [.error(4201, "Pong reply not received in time"), .cut],
        errors: [
            (4200, "Invalid message format"), (4009, "The client is not a member of the specified channel."),
        ])

    static let sockudo = EngineShape(
        name: "sockudo", activityTimeout: 120, confirmsWithData: true, keepsNumbers: false, hashLacksUnknown: false,
        errorIsText: false, errorHasChannel: false, pongHasData: false, namesSenders: false, wrongSignature: nil,
        clientEventsOff: "Client events are not enabled for this app",
        unknownKey: [.error(4001, "App does not exist"), .close(4001, "App does not exist")],
        stops: [.error(4200, "Server shutting down"), .close(4200, "Server shutting down")],
        prunes: [.error(4201, "Pong reply not received"), .close(4201, "Pong reply not received")],
        errors: [(4000, "Unsupported event"), (4300, "Channel error"), (4303, "Broadcast failed")])
}

extension EngineShape {
    /// A frame as this engine says it.
    func text(_ event: ServerEvent) -> String {
        switch event {
        case .connectionEstablished(let id, _):
            let data: JSON = ["socket_id": .string(id.text), "activity_timeout": JSON(activityTimeout)]
            return frame("pusher:connection_established", .string(data.text))
        case .subscriptionSucceeded(let channel, let presence):
            let empty: JSON? = confirmsWithData ? "{}" : nil
            let data = presence.map { JSON.string(roster($0.members).text) }
            return frame("pusher_internal:subscription_succeeded", data ?? empty, channel)
        case .memberAdded(let channel, let member):
            return frame("pusher_internal:member_added", .string(json(member).text), channel)
        case .memberRemoved(let channel, let id):
            let data: JSON = ["user_id": self.id(id)]
            return frame("pusher_internal:member_removed", .string(data.text), channel)
        case .error(let code, let message, let channel):
            let data: JSON = ["code": code.map { JSON($0) } ?? .null, "message": .string(message)]
            return frame(
                "pusher:error", errorIsText ? .string(data.text) : data, errorHasChannel ? channel : nil)
        case .subscriptionError(let channel, let kind, let message, let status):
            let data: JSON = [
                "type": .string(kind), "error": .string(message), "status": status.map { JSON($0) } ?? .null,
            ]
            return frame("pusher:subscription_error", data, channel)
        case .ping: return frame("pusher:ping", nil)
        case .pong: return frame("pusher:pong", pongHasData ? [:] : nil)
        // None of the three makes a text of an object that a client said.
        case .event(let event):
            return frame(event.name, event.data, event.channel, userID: namesSenders ? event.userID : nil)
        case .subscriptionCount, .cacheMiss, .signInSucceeded, .watchlist, .unknown: return event.text
        }
    }

    private func frame(
        _ event: String, _ data: JSON?, _ channel: ChannelName? = nil, userID: String? = nil
    ) -> String {
        var frame = JSONObject([("event", .string(event))])
        frame["channel"] = channel.map { .string($0.text) }
        frame["data"] = data
        frame["user_id"] = userID.map(id)
        return JSON.object(frame).text
    }

    private func id(_ text: String) -> JSON {
        keepsNumbers ? Int(text).map { JSON($0) } ?? .string(text) : .string(text)
    }

    private func json(_ member: Member) -> JSON {
        var object = JSONObject([("user_id", id(member.id))])
        object["user_info"] = member.info
        return .object(object)
    }

    private func roster(_ members: [Member]) -> JSON {
        let told = hashLacksUnknown ? members.filter { $0.info != nil } : members
        let hash = JSONObject(told.map { ($0.id, $0.info ?? .null) })
        // PHP writes a table as a list where its keys are 0, 1, 2 and so on, or where there are none.
        let isList = errorIsText && hash.members.enumerated().allSatisfy { String($0.offset) == $0.element.name }
        return [
            "presence": [
                "count": JSON(members.count), "ids": .array(members.map { id($0.id) }),
                "hash": isList ? .array(hash.members.map(\.value)) : .object(hash),
            ]
        ]
    }
}
