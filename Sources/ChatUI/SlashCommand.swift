/// The commands typed into the input, for hands that know IRC. What each does is in `UIState+Slash`.
package struct SlashCommand: Equatable, Sendable {
    package enum Name: String, CaseIterable, Sendable {
        case msg, query, close, clear, me, answer, decline, who, whois, links, retry, edit, discard, enter, leave,
            search
        case find, waiting, done, away, back, busy, r, set, account, help, reconnect, quit
    }

    package let name: Name
    /// Other words for the same.
    package let aliases: [String]
    package let arguments: String
    package let help: String
    /// Whether its first argument is somebody's name.
    package let takesName: Bool
    /// What it does where there is no screen, if that differs.
    package var lineHelp: String?
    /// Whether it is of no use without a screen.
    package var needsScreen = false

    package static let all: [SlashCommand] = [
        .init(
            name: .msg, aliases: ["m"], arguments: "NAME TEXT", help: "send TEXT to NAME and stay here", takesName: true
        ),
        .init(
            name: .query, aliases: ["q", "chat"], arguments: "NAME", help: "open the conversation with NAME",
            takesName: true),
        .init(
            name: .close, aliases: ["part"], arguments: "", help: "close this conversation; what was said in it stays",
            takesName: false),
        .init(
            name: .clear, aliases: [], arguments: "", help: "begin with an empty view; scrolling up brings all back",
            takesName: false, needsScreen: true),
        .init(name: .me, aliases: [], arguments: "TEXT", help: "say what you do: * alice waves", takesName: false),
        .init(
            name: .answer, aliases: [], arguments: "CHOICE", help: "answer the newest question here", takesName: false),
        .init(
            name: .decline, aliases: [], arguments: "", help: "decline to answer the newest question here",
            takesName: false),
        .init(
            name: .who, aliases: ["names"], arguments: "[#ROOM]",
            help: "who is in #ROOM, or in the room that is open; otherwise who is online", takesName: true),
        .init(name: .whois, aliases: [], arguments: "NAME", help: "what is known of NAME", takesName: true),
        .init(
            name: .links, aliases: [], arguments: "", help: "the links in this conversation, to open or to copy",
            takesName: false, lineHelp: "show the links in this conversation"),
        .init(
            name: .retry, aliases: [], arguments: "", help: "send the message that failed here again", takesName: false),
        .init(
            name: .edit, aliases: [], arguments: "TEXT", help: "send TEXT in place of the message that failed here",
            takesName: false),
        .init(
            name: .discard, aliases: [], arguments: "", help: "throw away the message that failed here",
            takesName: false),
        .init(
            name: .enter, aliases: ["join"], arguments: "[#ROOM]",
            help: "be in #ROOM, or again in the room that is open; otherwise in the lobby", takesName: true),
        .init(
            name: .leave, aliases: [], arguments: "[#ROOM]",
            help: "leave #ROOM, or the room that is open; otherwise the lobby; private conversations go on",
            takesName: true),
        .init(
            name: .search, aliases: [], arguments: "[TEXT]", help: "search in this conversation", takesName: false),
        .init(
            name: .find, aliases: ["searchall"], arguments: "[TEXT]", help: "search in all conversations",
            takesName: false),
        .init(
            name: .waiting, aliases: [], arguments: "", help: "show who is waiting for your reply, the longest first",
            takesName: false),
        .init(
            name: .done, aliases: [], arguments: "[NAME]",
            help: "mark this conversation, or the one with NAME, as needing no reply", takesName: true),
        .init(
            name: .away, aliases: [], arguments: "[TEXT]", help: "let others see that you are away, and why",
            takesName: false),
        .init(name: .back, aliases: ["available"], arguments: "", help: "you are available again", takesName: false),
        .init(
            name: .busy, aliases: ["dnd"], arguments: "[TEXT]",
            help: "do not disturb: others see it, and nothing rings",
            takesName: false),
        .init(
            name: .r, aliases: ["canned"], arguments: "NAME", help: "put the canned reply NAME into the input",
            takesName: false, lineHelp: "send the canned reply NAME; without NAME, list them"),
        .init(
            name: .set, aliases: [], arguments: "[NAME [VALUE]]", help: "show or change a setting until you quit",
            takesName: false),
        .init(
            name: .account, aliases: [], arguments: "[NAME]", help: "the accounts there are, or go on as account NAME",
            takesName: false),
        .init(name: .help, aliases: ["h"], arguments: "", help: "all keys and commands", takesName: false),
        .init(name: .reconnect, aliases: [], arguments: "", help: "try to connect now", takesName: false),
        .init(
            name: .quit, aliases: ["exit"], arguments: "", help: "quit; what is not sent yet is kept", takesName: false),
    ]

    package static func named(_ word: String) -> SlashCommand? {
        let word = word.lowercased()
        return all.first { $0.name.rawValue == word || $0.aliases.contains(word) }
    }

    /// What the input holds, as a command: `/msg bob hi`. Nil for plain text; `//` begins a text with a slash.
    struct Call: Equatable {
        let word: String
        let rest: String

        init?(_ text: String) {
            guard text.hasPrefix("/"), !text.hasPrefix("//") else { return nil }
            let body = text.dropFirst()
            guard let first = body.first, first.isLetter else { return nil }
            let word = body.prefix { !$0.isWhitespace }
            // A path is no command.
            guard !word.contains("/") else { return nil }
            self.word = String(word)
            rest = String(body.dropFirst(word.count).drop(while: \.isWhitespace))
        }
    }

    /// Why a word is no command, naming the nearest.
    static func refusal(of word: String) -> String {
        let known = all.flatMap { [$0.name.rawValue] + $0.aliases.filter { $0.count > 1 } }
        let hint = Nearest.word(to: word, in: known).map { "did you mean /\($0)?" } ?? "/help lists them all"
        return "there is no command /\(word); \(hint)"
    }
}
