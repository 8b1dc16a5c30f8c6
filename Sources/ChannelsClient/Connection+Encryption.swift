public import ChannelsProtocol

extension Connection {
    /// Data as it would come on an encrypted channel that is subscribed; nil for others.
    ///
    /// - Parameter nonce: 24 bytes that were never used with this channel's key before.
    public func sealed(_ data: JSON, for channel: ChannelName, nonce: [UInt8]) -> JSON? {
        (subscriptions[channel]?.cipher?.seal(data.text, nonce: nonce)).map { .string($0) }
    }

    /// Opens an event, or asks the endpoint once for a newer key; events behind it wait, so that order is kept.
    mutating func decrypt(_ event: ChannelEvent) -> [ConnectionOutput] {
        let channel = event.channel
        guard let known = subscriptions[channel], let cipher = known.cipher else { return [] }
        if !known.sealed.isEmpty {
            guard known.sealed.count < Subscription.sealedLimit else {
                return [.notice(.undecryptable(channel, event: event.name))]
            }
            subscriptions[channel]?.sealed.append(event)
            return []
        }
        do throws(CipherError) {
            return [.notice(.event(channel, name: event.name, data: try cipher.open(event.data), userID: nil))]
        } catch {
            guard error == .undecryptable, let socketID = status.socketID else {
                return [.notice(.undecryptable(channel, event: event.name))]
            }
            subscriptions[channel]?.sealed = [event]
            // The socket's time is asked for by `deadline`; the answer may never come.
            timers[channel] = (link?.lastHeard ?? .zero) + settings.authorizeTimeout
            return [.authorize(channel, socketID)]
        }
    }

    /// The endpoint's answer to the question for a newer key.
    mutating func keyAnswered(
        _ channel: ChannelName, _ result: Result<Authorization, AuthorizationFailure>, now: Duration
    ) -> [ConnectionOutput] {
        timers[channel] = nil
        guard let known = subscriptions[channel], let first = known.sealed.first else { return [] }
        subscriptions[channel]?.sealed = []
        var outputs: [ConnectionOutput] = []
        if case .success(let answer) = result,
            let cipher = answer.sharedSecret.flatMap(ChannelCipher.init(sharedSecret:))
        {
            subscriptions[channel]?.cipher = cipher
        }
        if let data = try? subscriptions[channel]?.cipher?.open(first.data) {
            outputs.append(.notice(.event(channel, name: first.name, data: data, userID: nil)))
        } else {
            outputs.append(.notice(.undecryptable(channel, event: first.name)))
        }
        for event in known.sealed.dropFirst() { outputs += decrypt(event) }
        return outputs
    }
}
