import Chat
import Screen

/// What an empty pane says: what would fill it.
enum EmptyPane {
    static func withoutConversation(_ scene: Scene) -> [Segment] {
        let chat = scene.chat
        let hasTalked = chat.conversations.values.contains { $0.lastSeq > 0 || !$0.outbox.isEmpty }
        var lines = chat.isFirstStart && !hasTalked ? welcome(scene) : choose(scene)
        if chat.link.isOnline, chat.roster.isKnown, chat.roster.onlineCount <= 1 {
            let other = chat.me?.text == "bob" ? "alice" : "bob"
            let how =
                scene.ui.linkDetail.isLocal
                ? "Run parley --as \(other) in another terminal: \(other) appears in the list."
                : "Others appear in the list as they come."
            lines += [Segment(""), Segment("Nobody else is here yet.", .notice), Segment(how, .dim)]
        }
        return lines
    }

    /// The three keys that matter, at the very first start and never again.
    private static func welcome(_ scene: Scene) -> [Segment] {
        [
            Segment("Welcome to Parley", .title), Segment(""),
            Segment("\(arrows(scene)) Enter  open a conversation from the list"),
            Segment(pad(find(scene)) + "find somebody by name"),
            Segment(pad(scene.ui.keys.firstName(of: .help)) + "help: all keys and commands"),
        ]
    }

    private static func choose(_ scene: Scene) -> [Segment] {
        let lines = [
            Segment("Choose a conversation", .title), Segment(""),
            Segment("\(arrows(scene)) and Enter in the list, or \(find(scene)) and some of the name."),
        ]
        guard scene.chat.unseenTotal.messages > 0 else { return lines }
        return lines + [Segment(scene.hint(.nextUnseen, "goes to what is unseen."))]
    }

    static func withoutMessages(_ name: ConversationName, _ scene: Scene) -> [Segment] {
        let chat = scene.chat
        let each = chat.shown(name)
        if scene.ui.view(name).hiddenThrough > 0, !each.messages.isEmpty {
            return [Segment("Cleared. \(scene.hint(.pageUp, "brings everything back."))", .dim)]
        }
        if each.isLoaded {
            guard !name.isRoom else {
                let readers = name == chat.lobby ? "Everybody who is online" : "Everybody in the room"
                return [Segment("Nothing was said here yet. \(readers) reads what you write.", .dim)]
            }
            let peer = chat.title(of: name)
            let isHere = !chat.roster.isKnown || (chat.me.flatMap(name.peer(of:)).map(chat.roster.isOnline) ?? false)
            let later = isHere ? "" : " \(peer) is offline and finds it later."
            return [
                Segment("Nothing was said between you and \(peer) yet. Write something and press Enter.\(later)", .dim)
            ]
        }
        if let failure = each.failure { return [Segment("The messages did not come: \(failure)", .error)] }
        if chat.link.isOnline { return [Segment("fetching messages\(scene.glyphs.ellipsis)", .dim)] }
        return [Segment("Not connected. What was said here comes with the connection; what you write is kept.", .dim)]
    }

    private static func arrows(_ scene: Scene) -> String { "\(scene.glyphs.upArrow) \(scene.glyphs.downArrow)" }
    private static func find(_ scene: Scene) -> String {
        let key = scene.ui.keys.firstName(of: .switcher)
        return key.isEmpty ? "/query" : key
    }
    private static func pad(_ key: String) -> String { key + String(repeating: " ", count: max(1, 11 - key.count)) }
}
