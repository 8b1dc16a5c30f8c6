import Chat
import ChannelsClient
import ChannelsProtocol

// Where there is no desk: what is said, until somebody confirms it.

extension Session {
    mutating func send(_ text: String, _ clientID: String, to name: ConversationName, now: Moment) {
        if let known = plain?.message(clientID: clientID, in: name) {
            return tell(.delivered(clientID: clientID, known), now: now)
        }
        guard !isEncrypted || name.isRoom else {
            let reason =
                "only the application's server can say something here, encrypted; set channels.message_endpoint"
            return tell(.deliveryFailed(clientID: clientID, .rejected(reason: reason)), now: now)
        }
        plain?.waiting[clientID] = PlainState.Waiting(name: name, text: text, since: now.uptime, next: now.uptime)
        attempt(clientID, now: now)
    }

    /// Says a message, or says it again, or gives it up.
    mutating func attempt(_ clientID: String, now: Moment) {
        guard let settings = plain?.settings, let message = plain?.waiting[clientID] else { return }
        guard now.uptime - message.since < PlainState.patience else {
            return giveUp(
                clientID,
                chat.link.isOnline ? "not confirmed: nobody took it in within 10 s; it may have arrived" : nil,
                now: now)
        }
        let channel = settings.channel(message.name)
        let isReady = connection.subscription(channel) == .subscribed
        let end = message.since + PlainState.patience
        plain?.waiting[clientID]?.next = min(
            end,
            isReady && message.tries < PlainState.again.count
                ? now.uptime + PlainState.again[message.tries] : isReady ? end : now.uptime + .milliseconds(250))
        guard isReady else { return watchPlain(message.name, now: now) }
        plain?.waiting[clientID]?.tries += 1
        if message.tries > 0 { ring(message.name, isWanted: true, now: now) }
        let data = json([
            ("client_id", .string(clientID)), ("from", .string(settings.user.text)),
            ("text", .string(message.text)), ("at", .string(now.date.rfc3339)),
        ])
        do throws(TriggerError) {
            run(
                try connection.trigger(settings.names.message, on: channel, data: data, now: now.uptime), now: now
            )
        } catch {
            guard case .tooLarge = error else { return giveUp(clientID, nil, now: now) }
            return giveUp(clientID, "too long for a client event: \(error)", now: now)
        }
        // In a room there is nobody in particular who could confirm it.
        if message.name.isRoom {
            confirmed(clientID, in: message.name, isRelayed: true, now: now)
        } else {
            tell(.relayed(clientID: clientID), now: now)
        }
    }

    /// - Parameter reason: nil where it is tried again by itself.
    private mutating func giveUp(_ clientID: String, _ reason: String?, now: Moment) {
        plain?.waiting[clientID] = nil
        let failure: DeliveryFailure =
            reason.map { .rejected(reason: $0) } ?? .tryAgain(after: .seconds(1), reason: "there is no connection")
        tell(.deliveryFailed(clientID: clientID, failure), now: now)
    }

    mutating func confirmed(_ clientID: String, in name: ConversationName, isRelayed: Bool = false, now: Moment) {
        guard let me = plain?.settings.user, let waiting = plain?.waiting[clientID], waiting.name == name else {
            return
        }
        plain?.waiting[clientID] = nil
        let stored = plain?.add(
            waiting.text, from: me, clientID: clientID, isRelayed: isRelayed, in: name, at: now.date)
        guard let message = stored ?? plain?.message(clientID: clientID, in: name) else { return }
        tell(.delivered(clientID: clientID, message), now: now)
    }

    /// The application's server took a message.
    mutating func posted(_ clientID: String, _ text: String, in name: ConversationName, answer: String, now: Moment) {
        guard let me = chat.me else { return }
        // Its event may have been first, under the server's own id.
        let id = (try? JSON(parsing: answer))?["id"]?.identifier
        let known = id.flatMap { plain?.message(clientID: $0, in: name) }
        let new =
            known == nil ? plain?.add(text, from: me, clientID: clientID, otherID: id, in: name, at: now.date) : nil
        guard let message = known ?? new ?? plain?.message(clientID: clientID, in: name) else { return }
        tell(.delivered(clientID: clientID, message), now: now)
    }

    /// The application takes no client events: said once, and nothing waits for what cannot come.
    mutating func refusedPlain(_ code: Int?, _ message: String, now: Moment) {
        let lower = message.lowercased()
        let isAboutEvents =
            code == Int(CloseCode.clientEventRefused.rawValue) || lower.contains("client event")
            || lower.contains("client messag")
        let passes = [
            "rate", "per second", "a second", "too many", "at most", "only supported", "cannot broadcast", "too large",
            "too long",
        ]
        guard plain != nil, isAboutEvents, !passes.contains(where: lower.contains) else { return }
        let reason = "this application does not allow client events, so nothing can be said in it"
        if plain?.hasSaidRefused == false {
            plain?.hasSaidRefused = true
            let said = code.map { "\($0): \(message)" } ?? message
            effects.append(.notice(.warning("\(reason); its owner can allow them (\(said))")))
        }
        for id in (plain?.waiting ?? [:]).keys.sorted() { giveUp(id, reason, now: now) }
    }
}
