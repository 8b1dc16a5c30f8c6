import Chat

/// What could stand for the word before the cursor.
enum Completer {
    static let limit = 100

    static func offers(for input: InputLine, chat: ChatState, canned: [CannedReply] = [], accounts: [String] = [])
        -> [String]
    {
        let word = String(input.wordBeforeCursor)
        let head = input.before.dropLast(word.count)
        guard !word.isEmpty || head.hasPrefix("/") else { return [] }
        if head.isEmpty, word.hasPrefix("/"), input.after.isEmpty {
            let begun = word.dropFirst().lowercased()
            return SlashCommand.all.map(\.name.rawValue).filter { $0.hasPrefix(begun) }.map { "/\($0) " }
        }
        if head.hasPrefix("/"), let command = SlashCommand.Call(String(head)), command.rest.isEmpty {
            let name = SlashCommand.named(command.word)
            if name?.name == .r { return canned.map(\.name).filter { Folding.begins($0, with: word) } }
            if name?.name == .account { return accounts.filter { $0.hasPrefix(word) } }
            if name?.name == .set { return LiveSetting.all.map(\.name).filter { $0.hasPrefix(word) }.map { "\($0) " } }
            guard name?.takesName ?? true else { return [] }
            return (rooms(word, chat) + ids(word, chat)).map { "\($0) " }
        }
        // The name after a command is there already.
        guard !word.isEmpty else { return [] }
        if word.count > 1, word.hasPrefix(":") {
            let name = word.dropFirst().prefix { $0 != ":" }
            return EmojiNames.beginning(with: name.lowercased())
        }
        if word.hasPrefix("#") { return rooms(word, chat).map { "\($0) " } }
        let isFirst = head.allSatisfy(\.isWhitespace)
        return ids(word, chat).map { isFirst ? "\($0): " : "\($0) " }
    }

    private static func rooms(_ word: String, _ chat: ChatState) -> [String] {
        guard word.hasPrefix("#") else { return [] }
        return chat.rooms.map { chat.title(of: $0.conversation) }
            .filter { Folding.begins($0, with: word) }
    }

    /// Those who have said something lately first, then who is online, then everybody.
    private static func ids(_ word: String, _ chat: ChatState) -> [String] {
        let at = word.hasPrefix("@") ? "@" : ""
        let begun = word.dropFirst(at.count)
        let speakers = chat.open.map { chat.conversation($0).messages.suffix(200).reversed().map(\.from) } ?? []
        let known = chat.roster.all.filter {
            Folding.begins($0.id.text, with: begun) || Folding.begins($0.name, with: begun)
        }
        let ordered = known.sorted { $0.isOnline != $1.isOnline ? $0.isOnline : $0.id.text < $1.id.text }.map(\.id)
        var seen: Set<UserID> = chat.me.map { [$0] } ?? []
        return (speakers.filter { Folding.begins($0.text, with: begun) } + ordered)
            .filter { seen.insert($0).inserted }.prefix(limit).map { at + $0.text }
    }
}
