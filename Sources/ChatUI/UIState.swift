import Chat
import Screen

/// The room of the full screen: what the reader looks at and writes, keys into commands, chat into a `Screen`.
///
/// `UIState` is the view's own state and changes by keys (`UIState+Keys`), by news (`UIState+News`) and by time
/// (`UIState+Time`); what it wants of the world it returns as `UIEffect`s. `ChatScreen` draws it. Nothing here knows the
/// wire, a clock or a terminal. A key or an action: `CommandTable`. A pane: one file, and a line in `ChatScreen`.
///
/// After whatever changed the chat, `chatChanged` has to be called before the next key or frame.
package struct UIState: Equatable, Sendable {
    package internal(set) var settings: UISettings
    package let zone: LocalZone
    package let keys: KeyMap
    package let accounts: AccountList
    /// How the desk is reached; set by the loop.
    package var linkDetail = LinkDetail()

    var focus = Focus.input
    var overlay: Overlay?
    var views: [ConversationName: ConversationView] = [:]
    /// The input while no conversation is open; it takes commands only.
    var loose = ConversationView()
    var roster = RosterOrder()
    /// Where the cursor stands in the list while it has the focus.
    var listCursor: RosterOrder.Entry?
    /// The cursor was put there by hand: from then on nothing moves under it.
    var isListHeld = false
    var hidesRoster = false
    var isBare = false
    var notice: Notice?
    /// When news last stood in front on the status line.
    var newsAt: Duration?
    var killRing = KillRing()

    /// The terminal says whether it has the focus; one that never does counts as focused.
    var isFocused = true
    var lookedAway: LookedAway?
    var size = ScreenSize(80, 24)
    /// The first key of a chord of two.
    var pendingKey: Key?
    var interruptedAt: Duration?
    /// The conversation whose opening was followed last, and the one before it.
    var shown: ConversationName?
    var before: ConversationName?
    var round: UnseenRound?
    var completion: Completion?
    /// What is before the reader's eyes and since when, the oldest first.
    var dwell: [Dwell] = []
    var marked: Dwell?
    /// When a changed draft is to be written.
    var draftDue: [ConversationName: Duration] = [:]
    /// How long the other sides wait for us.
    var waiting = WaitingClock()
    /// Those who stand first in the list because they are waiting, where that is wanted.
    var listedFirst: [ConversationName] = []
    var attention = Attention()
    var presence = OwnPresence()
    /// When a waiting time that is shown changes next.
    var minuteAt: Duration?
    /// Where a search led, and where one was before.
    var visit: Visit?
    /// The canned replies as they were read last, and the one to be put in when they are read again.
    var canned: [CannedReply] = []
    var wantedReply: String?
    /// When the input was last changed, and when another conversation came under the fingers soon after that.
    var editedAt: Duration?
    /// Why what is written could not be sent.
    var inputRefusal: String?
    var switchedAt: Duration?
    /// Whose text the external editor has.
    var editing: ConversationName?

    package init(
        settings: UISettings = UISettings(), zone: LocalZone = .utc, keys: KeyMap = .standard,
        accounts: AccountList = AccountList()
    ) {
        self.settings = settings
        self.accounts = accounts
        self.zone = zone
        self.keys = keys
    }

    enum Focus: Equatable, Sendable { case input, list, messages }

    enum Overlay: Equatable, Sendable {
        case help(scroll: Int)
        case page(title: String, lines: [String], scroll: Int)
        case links(LinkList)
        case switcher(Switcher)
        case search(SearchBox)
        case canned(CannedPicker)
        case question(Question)
    }

    /// Something that is not done before it is confirmed.
    enum Question: Equatable, Sendable {
        case quit
        case discard(clientID: String)
        /// The conversation changed while somebody was writing.
        case send(to: String)
        /// A text too long for one message.
        case sendParts(Int)

        var text: String {
            switch self {
            case .quit: "quit?"
            case .discard: "discard this message? it was never sent"
            case .send(let title): "the conversation has just changed; send this to \(title)?"
            case .sendParts(let count): "too long for one message; send it in \(count) parts?"
            }
        }
    }

    struct Notice: Equatable, Sendable {
        var text: String
        /// Nil where nothing went wrong.
        var complaint: Complaint?
        var until: Duration
        /// Until then it stands before everything else on the status line.
        var frontUntil: Duration
        var isBehind = false

        var isError: Bool { complaint != nil }
    }

    /// A turn through the conversations with something unseen, which ends where it began.
    struct UnseenRound: Equatable, Sendable {
        var origin: ConversationName?
        var visited: Set<ConversationName>
    }

    struct Dwell: Equatable, Sendable {
        var name: ConversationName
        var through: Int
        var since: Duration
    }

    /// The offers for a word, and which of them stands in the input.
    struct Completion: Equatable, Sendable {
        var offers: [String]
        var index: Int
        /// How many bytes of the input the offer takes.
        var length: Int
    }

    // MARK: The open conversation's view

    func view(_ name: ConversationName?) -> ConversationView { name.map { views[$0] ?? ConversationView() } ?? loose }

    mutating func change(_ name: ConversationName?, _ body: (inout ConversationView) -> Void) {
        if let name { body(&views[name, default: ConversationView()]) } else { body(&loose) }
    }

    /// The terminal window's title.
    func windowTitle(_ chat: ChatState) -> String {
        let unseen = chat.unseenTotal.messages
        let title = accounts.names.isEmpty ? "parley" : "parley \(accounts.current)"
        return unseen > 0 ? "(\(unseen)) \(title)" : title
    }

    mutating func say(_ text: String, isError: Bool = false, now: Moment) {
        show(text, isError ? .usage : nil, now)
    }

    private mutating func show(_ text: String, _ complaint: Complaint?, _ now: Moment) {
        notice = Notice(
            text: text, complaint: complaint, until: now.uptime + settings.noticeLife,
            frontUntil: now.uptime + settings.noticeFront)
    }

    /// Says what nobody asked for: in front only where nothing of that kind was there for a while, so that news that comes
    /// again and again does not hide who is waiting.
    mutating func sayNews(_ text: String, isError: Bool = false, now: Moment) {
        say(text, isError: isError, now: now)
        if let last = newsAt, now.uptime - last < settings.noticeLife {
            notice?.isBehind = true
        } else {
            newsAt = now.uptime
        }
    }

    mutating func complain(_ text: String, _ complaint: Complaint, _ now: Moment) {
        show(text, complaint, now)
    }
}

/// Why something could not be done.
package enum Complaint: Equatable, Sendable {
    /// The command is wrong, or nothing to do it with is there.
    case usage
    /// The text cannot be a message.
    case badInput
}

/// What one conversation looks like on this screen: its input, where it is scrolled to, what is selected.
struct ConversationView: Equatable, Sendable {
    var input = InputLine()
    var history = InputHistory()
    var search: HistorySearch?
    var anchor = ScrollAnchor.end
    /// The newest message when the reader scrolled away from it.
    var leftAt = 0
    /// Messages up to here were cleared from the view.
    var hiddenThrough = 0
    var selection: BlockID?
    /// The unseen rule of what came while nobody looked; else it stands where the chat has it.
    var ruleAfter: Int?
    /// How many messages stood below the unseen rule when it was placed.
    var unseenAtRule = 0
    /// Opened, and not yet scrolled to what is unseen.
    var wantsUnseen = false
    /// Lines of code stay whole and are cut at the edge.
    var cutsCode = false
    /// Where it was scrolled to when it was kept, until the messages there are held; and what is kept of it now.
    var wantedScroll: ScrollMark?
    var savedScroll: ScrollMark?
    /// How often older messages were asked for to get there.
    var scrollPages = 0
    /// The draft from disk was put into the input.
    var hasDraft = false
}
