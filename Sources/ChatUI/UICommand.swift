package import Screen

/// Everything a key can be bound to. Its keys and its help sentence are in `CommandTable`, what it does in
/// `UIState+Commands`. The raw value is its name in the configuration and in the list of actions.
package enum UICommand: String, CaseIterable, Sendable {
    // Conversations
    case nextUnseen = "next-unseen"
    case nextWaiting = "next-waiting"
    case settle = "no-answer-due"
    case waitingFirst = "waiting-first"
    case nextConversation = "next-conversation"
    case previousConversation = "previous-conversation"
    case jump = "conversation-by-number"
    case lastConversation = "last-conversation"
    case switcher
    case palette = "actions"
    case focusList = "list"
    case closeConversation = "close-conversation"
    // Reading
    case pageUp = "page-up"
    case pageDown = "page-down"
    case scrollTop = "scroll-top"
    case scrollEnd = "scroll-end"
    case firstUnseen = "first-unseen"
    case selectMessages = "select-messages"
    case links
    case wholeCode = "whole-code"
    case searchHere = "search"
    case searchAll = "search-everywhere"
    case showQuestion = "question"
    // Writing
    case send
    case newline
    case historyOlder = "older-line"
    case historyNewer = "newer-line"
    case historySearch = "search-lines"
    case complete
    case completeBack = "complete-back"
    case editor
    case canned = "canned-reply"
    // Editing
    case left, right
    case wordLeft = "word-left"
    case wordRight = "word-right"
    case lineStart = "line-start"
    case lineEnd = "line-end"
    case deleteBackward = "delete-backward"
    case deleteForward = "delete-forward"
    case killToEnd = "cut-to-end"
    case killToStart = "cut-to-start"
    case killBlankWord = "cut-word"
    case killWordBackward = "cut-word-backward"
    case killWordForward = "cut-word-forward"
    case yank
    case yankNext = "yank-next"
    case transpose
    case undo
    // Messages selected
    case selectDown = "message-down"
    case selectUp = "message-up"
    case selectFirst = "message-first"
    case selectLast = "message-last"
    case copyMessage = "copy-message"
    case openLink = "open-link"
    case retryMessage = "retry-message"
    case editMessage = "edit-message"
    case discardMessage = "discard-message"
    case chooseAnswer = "choose-answer"
    case decline
    case leaveSelection = "leave-messages"
    // List
    case listDown = "list-down"
    case listUp = "list-up"
    case listFirst = "list-first"
    case listLast = "list-last"
    case listOpen = "list-open"
    case leaveList = "leave-list"
    // Screen
    case help
    case toggleRoster = "toggle-list"
    case bareView = "bare-view"
    case reconnect
    case redraw
    case suspend
    case interrupt
    case quit
}

/// Where a key means its command.
package enum CommandPlace: String, CaseIterable, Sendable {
    case anywhere, input, messages, list

    package var heading: String {
        switch self {
        case .anywhere: "everywhere"
        case .input: "in the input"
        case .messages: "on a selected message"
        case .list: "in the list"
        }
    }
}

/// One line of the table: a command, where and by which keys, and what it does in a sentence.
package struct CommandInfo: Equatable, Sendable {
    package let command: UICommand
    package let place: CommandPlace
    /// Each a key, or two keys one after the other: `["Ctrl-X", "Ctrl-E"]`.
    package let keys: [[Key]]
    package let help: String

    init(_ command: UICommand, _ place: CommandPlace, _ keys: String, _ help: String) {
        self.command = command
        self.place = place
        self.keys = keys.split(separator: ",").map { chord in
            chord.split(separator: " ").map { Key(stringLiteral: String($0)) }
        }
        self.help = help
    }

    /// `Ctrl-N, Alt-Down`; nine keys in a row are shown as `Alt-1…9`.
    package var keyNames: String {
        if [.jump, .chooseAnswer].contains(command), let first = keys.first?.first?.name, keys.count == 9 {
            return first + "…9"
        }
        return keys.map { $0.map(\.name).joined(separator: " ") }.joined(separator: ", ")
    }
}
