internal import ChannelsProtocol

extension Engine {
    /// A text frame came from a client.
    package mutating func receive(_ text: String, from socket: Socket, now: Duration) -> [EngineOutput] {
        guard sockets[socket] != nil else { return [] }
        let ending = activity(socket, now: now)
        guard ending.isEmpty else { return ending }
        do throws(FrameError) {
            switch try ClientFrame(decoding: text) {
            case .subscribe(let channel, let auth, let channelData):
                return subscribe(socket, channel, auth: auth, channelData: channelData, now: now)
            case .unsubscribe(let channel): return unsubscribe(socket, channel, now: now)
            case .signIn(let auth, let userData): return signIn(socket, auth: auth, userData: userData)
            case .ping: return [.send(ServerEvent.pong.text, to: [socket])]
            case .pong: return []
            case .event(let name, let channel, let data):
                return relay(socket, name, channel, data, now: now)
            case .unsupported(let name):
                return error(socket, "Unsupported event received on socket: \(name.prefix(100))")
            }
        } catch {
            return self.error(socket, "Invalid message format: \(error)")
        }
    }

    /// An error on a living connection. Pusher gives most of them no code, and never a channel.
    func error(_ socket: Socket, code: CloseCode? = nil, _ message: String) -> [EngineOutput] {
        let event = ServerEvent.error(code: code.map { Int($0.rawValue) }, message: message, channel: nil)
        return [.send(event.text, to: [socket])]
    }

    /// A client event, rebuilt from the fields known here and given to the others in the channel.
    private mutating func relay(
        _ socket: Socket, _ name: String, _ channel: ChannelName, _ data: JSON, now: Duration
    ) -> [EngineOutput] {
        let limits = limits
        guard app.features.clientEvents else {
            return error(socket, code: .clientEventRefused, "Client events are not enabled for this app")
        }
        guard name.utf8.count <= limits.eventName else {
            return error(socket, code: .clientEventRefused, "An event name has at most \(limits.eventName) bytes")
        }
        guard channel.kind.takesClientEvents else {
            return error(
                socket, "Client event rejected - only supported on private and presence channels: \(channel)")
        }
        guard let subscribers = channels[channel]?.subscribers, let memberID = subscribers[socket] else {
            return error(
                socket,
                "Cannot broadcast client event (connection not subscribed to channel \(channel))")
        }
        guard sockets[socket]?.clientEvents.allows(limits.clientEventsPerSecond, now: now) == true,
            let socketID = sockets[socket]?.id
        else {
            return error(
                socket, code: .clientEventRefused,
                "The rate limit for sending client events is \(limits.clientEventsPerSecond ?? 0) a second")
        }
        let dataText = data.string ?? (data.isNull ? nil : data.text)
        let size = dataText?.utf8.count ?? 0
        guard size <= limits.clientEventData else {
            return error(
                socket, code: .clientEventRefused,
                "The data of a client event has at most \(limits.clientEventData) bytes; these are \(size)")
        }
        let userID = channel.kind.isPresence ? memberID : nil
        var outputs: [EngineOutput] = []
        let others = subscribers.keys(without: socket)
        if !others.isEmpty {
            outputs.append(.send(ServerEvent.event(name, on: channel, data: dataText, userID: userID), to: others))
        }
        if app.features.webhooks {
            let event = WebhookEvent.clientEvent(
                channel, event: name, data: dataText ?? "", socketID: socketID, userID: userID)
            outputs.append(.webhook(event))
        }
        return outputs
    }
}
