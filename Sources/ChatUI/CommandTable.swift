/// The one table of what can be done: the key map, the help, `/help`, the list of actions, the man page and the README
/// are made from it.
///
/// To add a command: a case of `UICommand`, a line here, a branch in `UIState+Commands`.
package enum CommandTable {
    package static let all: [CommandInfo] = [
        .init(.nextUnseen, .anywhere, "Alt-A", "next conversation with something unseen, then back to where you were"),
        .init(.nextWaiting, .anywhere, "Alt-L", "who has been waiting longest for your reply, then the next longest"),
        .init(.settle, .anywhere, "Ctrl-X d", "mark as not needing a reply"),
        .init(.waitingFirst, .anywhere, "Ctrl-X w", "list people who are waiting first, or by last message again"),
        .init(.nextConversation, .anywhere, "Ctrl-N,Alt-Down", "next conversation in the list"),
        .init(.previousConversation, .anywhere, "Ctrl-P,Alt-Up", "previous conversation in the list"),
        .init(
            .jump, .anywhere, "Alt-1,Alt-2,Alt-3,Alt-4,Alt-5,Alt-6,Alt-7,Alt-8,Alt-9",
            "first to ninth conversation in the list"),
        .init(.lastConversation, .anywhere, "Alt-/", "the conversation you were in before"),
        .init(.switcher, .anywhere, "Ctrl-G", "go to a conversation by typing some of its name"),
        .init(.palette, .anywhere, "Alt-X", "find an action by typing some of its name"),
        .init(.focusList, .anywhere, "F6", "into the list of conversations and back; Tab where the input is empty"),
        .init(.closeConversation, .anywhere, "Alt-W", "close this conversation; what was said in it stays"),

        .init(.pageUp, .anywhere, "PgUp", "scroll up; further back than the start fetches older messages"),
        .init(.pageDown, .anywhere, "PgDn", "scroll down"),
        .init(.scrollTop, .anywhere, "Alt-Home", "the oldest message at hand"),
        .init(.scrollEnd, .anywhere, "Alt-End", "the newest message"),
        .init(.firstUnseen, .anywhere, "Alt-U", "the first unseen message"),
        .init(.links, .anywhere, "Ctrl-O", "the links in this conversation, to open or to copy"),
        .init(.wholeCode, .anywhere, "Alt-C", "keep lines of code whole, or wrap them again"),
        .init(.searchHere, .anywhere, "Alt-S", "search in this conversation; Esc comes back from what was found"),
        .init(.searchAll, .anywhere, "Alt-Shift-S", "search in all conversations"),
        .init(.showQuestion, .anywhere, "Alt-Q", "the newest question here that waits for your answer"),
        .init(.selectMessages, .input, "Esc,Alt-J", "select a message: copy, open, retry, edit, discard"),

        .init(.send, .input, "Enter", "send"),
        .init(.newline, .input, "Alt-Enter,Ctrl-J,Shift-Enter", "new line"),
        .init(.historyOlder, .input, "Up", "what you sent before"),
        .init(.historyNewer, .input, "Down", "what you sent after that"),
        .init(.historySearch, .input, "Ctrl-R", "search what you sent"),
        .init(
            .complete, .input, "Tab",
            "complete a name, a command or an emoji like :smile; go to the next fill-in of a canned reply"),
        .init(.completeBack, .input, "Shift-Tab", "the completion before"),
        .init(.editor, .input, "Ctrl-X Ctrl-E", "write in your own editor; everything else goes on meanwhile"),
        .init(.canned, .input, "Ctrl-X r", "put in a canned reply"),

        .init(.left, .input, "Left,Ctrl-B", "one character left"),
        .init(.right, .input, "Right,Ctrl-F", "one character right"),
        .init(.wordLeft, .input, "Alt-B,Ctrl-Left,Alt-Left", "one word left"),
        .init(.wordRight, .input, "Alt-F,Ctrl-Right,Alt-Right", "one word right"),
        .init(.lineStart, .input, "Ctrl-A,Home", "start of the line"),
        .init(.lineEnd, .input, "Ctrl-E,End", "end of the line"),
        .init(.deleteBackward, .input, "Backspace,Ctrl-H,Shift-Backspace", "delete the character before the cursor"),
        .init(.deleteForward, .input, "Del,Ctrl-D,Shift-Del", "delete the character under the cursor"),
        .init(.killToEnd, .input, "Ctrl-K", "cut to the end of the line; at its end, go to a conversation as Ctrl-G"),
        .init(.killToStart, .input, "Ctrl-U", "cut to the start of the line"),
        .init(.killBlankWord, .input, "Ctrl-W", "cut the word before the cursor, up to a blank"),
        .init(.killWordBackward, .input, "Alt-Backspace,Ctrl-Backspace", "cut the word before the cursor"),
        .init(.killWordForward, .input, "Alt-D,Ctrl-Del", "cut the word after the cursor"),
        .init(.yank, .input, "Ctrl-Y", "put in what was cut"),
        .init(.yankNext, .input, "Alt-Y", "right after that: what was cut before it"),
        .init(.transpose, .input, "Ctrl-T", "exchange the two characters at the cursor"),
        .init(.undo, .input, "Ctrl-_", "undo"),

        .init(.selectDown, .messages, "j,Down", "the message below"),
        .init(.selectUp, .messages, "k,Up", "the message above"),
        .init(.selectFirst, .messages, "g,Home", "the oldest message at hand"),
        .init(.selectLast, .messages, "G,End", "the newest message"),
        .init(.copyMessage, .messages, "y", "copy its text"),
        .init(.openLink, .messages, "o", "open the link in it"),
        .init(.retryMessage, .messages, "r", "send a failed message again"),
        .init(.editMessage, .messages, "e", "take a failed message back into the input"),
        .init(.discardMessage, .messages, "d", "discard a failed message, after a question"),
        .init(.chooseAnswer, .messages, "1,2,3,4,5,6,7,8,9", "answer a question with that choice"),
        .init(.decline, .messages, "0", "decline to answer a question"),
        .init(.leaveSelection, .messages, "Esc,q,Enter,Alt-J", "back to the input"),

        .init(.listDown, .list, "Down,j", "the name below"),
        .init(.listUp, .list, "Up,k", "the name above"),
        .init(.listFirst, .list, "Home,g", "the first name"),
        .init(.listLast, .list, "End,G", "the last name"),
        .init(.listOpen, .list, "Enter", "open the conversation"),
        .init(.leaveList, .list, "Esc,Tab", "back to the input"),

        .init(.help, .anywhere, "F1", "this help; ? where the input is not in use"),
        .init(.toggleRoster, .anywhere, "F7", "show or hide the list"),
        .init(.bareView, .anywhere, "F9", "messages only, for copying with the mouse"),
        .init(.reconnect, .anywhere, "Alt-R", "try to connect now"),
        .init(.redraw, .anywhere, "Ctrl-L", "draw the screen again"),
        .init(.suspend, .anywhere, "Ctrl-Z", "suspend; fg comes back"),
        .init(.interrupt, .anywhere, "Ctrl-C", "clear the input; twice asks whether to quit"),
        .init(.quit, .anywhere, "Ctrl-Q", "quit; what is not sent yet is kept"),
    ]

    /// The chapters of the help, each with its commands in the order of the table.
    package static let chapters: [(title: String, commands: [CommandInfo])] = [
        ("conversations", through(.nextUnseen, .closeConversation)),
        ("reading", through(.pageUp, .selectMessages)),
        ("writing", through(.send, .canned)),
        ("editing the input", through(.left, .undo)),
        ("on a selected message", through(.selectDown, .leaveSelection)),
        ("in the list", through(.listDown, .leaveList)),
        ("the screen", through(.help, .quit)),
    ]

    package static func info(_ command: UICommand) -> CommandInfo? { all.first { $0.command == command } }

    private static func through(_ first: UICommand, _ last: UICommand) -> [CommandInfo] {
        guard let start = all.firstIndex(where: { $0.command == first }),
            let end = all.firstIndex(where: { $0.command == last })
        else { return [] }
        return Array(all[start...end])
    }
}
