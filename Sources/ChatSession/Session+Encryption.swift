import Chat
import ChannelsClient
import ChannelsProtocol

// Where the engine is not to read what people write, a conversation of two has two channels: an encrypted one on which the
// server speaks, and the private one for what clients say to each other, typing.

extension Session {
    var isEncrypted: Bool { plain?.settings.isEncrypted ?? identity?.isEncrypted ?? false }

    /// The channel on which messages come.
    mutating func messageChannel(_ name: ConversationName) -> ChannelName {
        guard isEncrypted, !name.isRoom else { return wire(name) }
        guard let channel = plain?.settings.encryptedChannel(name) else {
            return name.encryptedChannel.map { ChannelName(wire: $0) } ?? wire(name)
        }
        if plain?.channels[channel] == nil { plain?.channels[channel] = name }
        return channel
    }

    /// All channels a conversation needs.
    mutating func channels(of name: ConversationName) -> [ChannelName] {
        let (messages, others) = (messageChannel(name), wire(name))
        return messages == others ? [messages] : [messages, others]
    }

    /// The desk has begun to encrypt, or has ceased to: what is held is called otherwise now.
    mutating func encryptionChanged(from before: Identity, now: Moment) {
        guard let after = identity, before.isEncrypted != after.isEncrypted else { return }
        let held = chat.watchedConversations
        identity = before
        let old = held.flatMap { channels(of: $0) }
        identity = after
        let new = held.flatMap { channels(of: $0) }
        for channel in old where !new.contains(channel) { unwatch(channel, now: now) }
        for channel in new where !old.contains(channel) { watch(channel, now: now) }
    }

    /// The key was asked for once more and opens it no better.
    mutating func couldNotRead(_ channel: ChannelName, _ event: String, now: Moment) {
        effects.append(.log("\(channel): \(event): cannot be decrypted"))
        guard let name = conversation(of: channel) else { return }
        let isNew = unreadable.insert(channel).inserted
        let who = chat.title(of: name)
        if plain == nil {
            // Its number comes by the inbox, and with it the message itself.
            guard isNew else { return }
            effects.append(
                .notice(.warning("\(who): the key does not open what comes; it is fetched from the desk instead")))
        } else if event == plain?.settings.names.serverMessage {
            effects.append(.notice(.warning("\(who): a message came that the key does not open; it is not shown")))
        }
    }
}
