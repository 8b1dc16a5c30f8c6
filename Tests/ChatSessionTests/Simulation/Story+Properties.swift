import ChannelsEngine
import ChannelsProtocol
import Chat

@testable import ChatSession

extension Story {
    /// What does not hold, in sentences; empty where everything does.
    func broken() -> [String] {
        var broken = world.violations
        broken += delivery() + agreement() + notices() + channels()
        return broken
    }

    private func stored(_ place: ConversationName) -> [Message] {
        world.desk.messages[place.channel]?.map(\.message) ?? []
    }

    /// Every message that was taken on is stored exactly once, and in the order it was typed in.
    private func delivery() -> [String] {
        var broken: [String] = []
        var count: [String: Int] = [:]
        for place in Self.places {
            let all = stored(place)
            if all.map(\.seq) != Array(1..<all.count + 1) { broken.append("\(place): holes at the desk") }
            for message in all { count[message.text ?? "", default: 0] += 1 }
            for (origin, texts) in typed where origin.conversation == place {
                let mine = Set(texts).subtracting(retried)
                let said = all.compactMap(\.text).filter(mine.contains)
                let wanted = texts.filter(Set(said).contains)
                if said != wanted {
                    broken.append("\(origin.run.seat) in \(place): said \(said), typed in the order \(wanted)")
                }
            }
        }
        for (text, times) in count where times > 1 { broken.append("\(text): stored \(times) times") }
        for (_, each) in kept.sorted(by: { $0.key < $1.key }) {
            if !discarded.contains(each.text), count[each.text] == nil {
                broken.append("\(each.text): was on the sender's disk and never reached \(each.conversation)")
            }
        }
        let all = Set(typed.values.joined())
        for text in count.keys where !all.contains(text) { broken.append("\(text): nobody ever typed that") }
        return broken
    }

    /// Everybody knows what the desk knows.
    private func agreement() -> [String] {
        var broken: [String] = []
        for seat in Self.seats {
            let chat = world[seat].session.chat
            // On a slow line a pong may be on its way at the end.
            if chat.link != .online, chat.link != .doubtful { broken.append("\(seat): is not back: \(chat.link)") }
            if chat.roster.onlineCount != 3 { broken.append("\(seat): sees \(chat.roster.onlineCount) people online") }
            for place in Self.places where place.includes(seat.user) {
                let held = chat.conversation(place)
                let all = stored(place)
                if let gap = held.gap { broken.append("\(seat): a gap stays in \(place): \(gap)") }
                if !held.outbox.isEmpty {
                    broken.append("\(seat): \(held.outbox.map(\.text)) wait in \(place): \(held.outbox.map(\.state))")
                }
                if held.isLoaded, held.messages.map(\.id) != all.suffix(held.messages.count).map(\.id) {
                    broken.append("\(seat): holds something else of \(place) than the desk")
                }
                let mark = world.desk.seen[place.channel]?[seat.user] ?? 0
                let unseen = all.count { $0.seq > mark && $0.from != seat.user }
                if held.unseen != unseen {
                    broken.append("\(seat): counts \(held.unseen) unseen in \(place), there are \(unseen)")
                }
                if !chat.typing.typists(in: place).isEmpty {
                    broken.append("\(seat): somebody types for ever in \(place)")
                }
            }
        }
        return broken
    }

    /// Listeners are told of every message once, in order, and of no hole they are not told the content of.
    private func notices() -> [String] {
        var broken: [String] = []
        for seat in Self.seats {
            var last: [ConversationName: Int] = [:]
            for case .message(let message) in world[seat].notices {
                if let before = last[message.conversation], message.seq != before + 1 {
                    broken.append("\(seat): heard \(message.seq) after \(before) in \(message.conversation)")
                }
                last[message.conversation] = message.seq
            }
            for (place, seq) in last where seq != stored(place).count {
                broken.append("\(seat): heard up to \(seq) of \(stored(place).count) in \(place)")
            }
        }
        return broken
    }

    /// A terminal holds the lobby, its inbox, what is open, and chats whose peer is here; the engine thinks the same.
    private func channels() -> [String] {
        var broken: [String] = []
        for seat in Self.seats {
            let session = world[seat].session
            let wanted = session.chat.watchedConversations
            let held = session.channels.map(\.description).filter { $0.hasPrefix(ConversationName.chatPrefix) }
            if Set(held) != Set(wanted.map(\.channel)) { broken.append("\(seat): wishes for \(held), needs \(wanted)") }
            if let socket = world[seat].socket {
                let there = Set(world.engine.channels(of: socket).map(\.description))
                let here = Set(session.channels.map(\.description))
                if there != here {
                    broken.append("\(seat): the engine has it in \(there.symmetricDifference(here)) otherwise")
                }
            } else {
                broken.append("\(seat): has no socket")
            }
        }
        return broken
    }
}
