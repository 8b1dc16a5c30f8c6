import Chat
import Screen
import Testing

@testable import ChatUI

/// Every pane and overlay at the sizes that matter, with what is hard to show.
@Suite("panes and overlays at every size")
struct SizesTests {
    static let sizes = [ScreenSize(20, 5), ScreenSize(40, 8), ScreenSize(80, 24), ScreenSize(120, 40)]

    private func expect(_ window: Window, _ name: String) {
        expectScreen(window.screen, "\(name)-\(window.size.columns)x\(window.size.rows)")
    }

    /// Names and texts of many scripts, a long name, emoji of several parts, a code block, a link.
    private func world(_ size: ScreenSize) -> Window {
        let long = UserID("a-very-long-name-that-fits-nowhere@example.org")!
        var window = Window.online(
            size.columns, size.rows, here: [alice, bob, long],
            list: [
                ConversationSummary(
                    name: ConversationName(alice, long)!,
                    last: said("hi", seq: 12_345, by: long, in: ConversationName(alice, long)!, at: at("10:01")),
                    unseen: 12_345, seenByPeer: 0)
            ])
        window.hear(.memberAdded(NamedUser(carol, name: "佐藤 花子")), .memberAdded(NamedUser(dan, name: "דוד לוי 👨‍👩‍👧")))
        window.open(
            withCarol,
            [
                said("お疲れ様です。注文1812の件ですが、確認していただけますか？", seq: 1, by: carol, in: withCarol, at: at("10:14")),
                said("👍🏽 ❤️ 🇯🇵 👩‍💻 e\u{301} ok", seq: 2, by: alice, in: withCarol, at: at("10:15")),
                said("דוד אמר: ההזמנה 1812 (חדשה) מגיעה ב־10:30", seq: 3, by: carol, in: withCarol, at: at("10:16")),
                said("안녕하세요 https://example.org/주문", seq: 4, by: carol, in: withCarol, at: at("10:17")),
                said("/me 🎉 ありがとう", seq: 5, by: carol, in: withCarol, at: at("10:18")),
            ])
        window.hear(.typingReceived(withCarol, from: carol, true))
        return window
    }

    @Test("scripts, emoji, right-to-left text and long names stay in their columns", arguments: sizes)
    func scripts(size: ScreenSize) { expect(world(size), "world") }

    /// The newest 20,000 of a million messages, and ten thousand people.
    private func crowd(_ size: ScreenSize) -> Window {
        let people = (0..<10_000).map { UserID("user\(100_000 + $0)")! }
        var window = Window.online(size.columns, size.rows, here: [alice, bob] + people)
        let messages = (980_001...1_000_000).map {
            said("message \($0)", seq: $0, by: people[$0 % 7], in: .lobby, at: at("10:20"))
        }
        window.open(.lobby, messages)
        window.press("Alt-End")
        return window
    }

    @Test("a crowd and a million messages look like a few", arguments: sizes)
    func crowds(size: ScreenSize) {
        var window = crowd(size)
        expect(window, "crowd")
        window.press("PgUp", "PgUp")
        expect(window, "crowd-above")
        window.press("F6", "PgDn", "End", "Up")
        expect(window, "crowd-list")
    }

    static let links: [(String, Link)] = [
        ("connecting", .connecting(attempt: 3)), ("doubtful", .doubtful), ("polling", .polling),
        ("offline", .offline(reason: "connection lost", retryAt: .seconds(1004))),
        ("refused", .refused(reason: "the desk does not know this token")), ("host-stopped", .hostStopped(pid: 4711)),
        (
            "not-admitted",
            .notAdmitted(reason: "the authorization endpoint answered 500", retryAt: .seconds(1004))
        ),
    ]

    @Test("how the desk is reached is said at every size, with what waits", arguments: links, sizes.prefix(3))
    func link(state: (name: String, link: Link), size: ScreenSize) {
        var window = sampleWindow(size.columns, size.rows)
        window.hear(.linkChanged(state.link))
        if !state.link.isOnline {
            window.type("kept")
            window.press("Enter")
            window.hear(.kept(clientID: "c1"))
        }
        expect(window, "link-\(state.name)")
    }

    static let troubles: [(String, ChatEvent)] = [
        ("desk-silent", .deskFailed(reason: "the desk does not answer", isStoring: false)),
        (
            "lobby-refused",
            .subscriptionRefused(
                .conversation(.lobby), reason: "the channel has 100 members already, its limit", isRetried: true)
        ),
    ]

    @Test("what is wrong although the link stands is said at every size", arguments: troubles, sizes.prefix(3))
    func trouble(state: (name: String, event: ChatEvent), size: ScreenSize) {
        var window = sampleWindow(size.columns, size.rows)
        window.hear(state.event)
        window.type("kept")
        window.press("Enter")
        window.hear(.kept(clientID: "c1"))
        expect(window, "trouble-\(state.name)")
    }

    @Test("a desk hosted here is named so", arguments: sizes.prefix(3))
    func hosting(size: ScreenSize) {
        var window = sampleWindow(size.columns, size.rows)
        window.ui.linkDetail = LinkDetail(desk: "local desk", latency: .milliseconds(1), isHost: true)
        expect(window, "link-hosting")
    }

    @Test("a gap and a message that failed are seen at every size", arguments: sizes)
    func trouble(size: ScreenSize) {
        var window = Window.online(size.columns, size.rows)
        window.open(withBob, run(1...3))
        window.hear(.messageReceived(said("message 7", seq: 7)))
        window.type("no")
        window.press("Enter")
        window.hear(.kept(clientID: "c1"), .deliveryFailed(clientID: "c1", .rejected(reason: "bob is not known")))
        expect(window, "trouble")
    }

    static let overlays: [(String, [Key])] = [
        ("help", ["F1"]), ("switcher", ["Ctrl-G"]), ("palette", ["Alt-X"]), ("links", ["Ctrl-O"]),
        ("question", ["Ctrl-C", "Ctrl-C"]), ("lines", ["Ctrl-R", "o"]),
    ]

    @Test("whatever lies over the panes fits and says how to leave it", arguments: overlays, sizes)
    func overlay(overlay: (name: String, keys: [Key]), size: ScreenSize) {
        var window = world(size)
        for key in overlay.keys { window.press(key) }
        expect(window, "over-\(overlay.name)")
        window.press("Esc", "Esc")
        #expect(window.ui.overlay == nil)
    }

    @Test("what was found is shown with where and when, at every size", arguments: sizes)
    func search(size: ScreenSize) {
        var window = world(size)
        window.press("Alt-S")
        window.press("Tab")
        window.type("1812")
        window.advance(by: .milliseconds(150))
        expect(window, "search-under-way")
        let found = [
            said("お疲れ様です。注文1812の件ですが、確認していただけますか？", seq: 1, by: carol, in: withCarol, at: at("10:14")),
            said("order 1812 is on its way", seq: 7, by: alice, in: withBob, at: at("09:58")),
            said("דוד אמר: ההזמנה 1812 (חדשה)", seq: 3, by: carol, in: withCarol, at: at("10:16")),
        ]
        window.hear(.searchAnswered(SearchQuery("1812", in: nil), found))
        expect(window, "search-found")
        window.hear(.searchAnswered(SearchQuery("1812", in: nil), []))
        expect(window, "search-nothing")
    }

    @Test("canned replies are found and filled in at every size", arguments: sizes)
    func canned(size: ScreenSize) {
        var window = world(size)
        window.canned = [
            CannedReply(name: "hello", text: "Hello {{name|there}}, this is {{my_name}}."),
            CannedReply(name: "refund", text: "Order {{order}} is refunded by {{date}}.\nHave a nice day."),
            CannedReply(name: "返金", text: "ご注文{{order}}は返金されました。"),
        ]
        window.press("Ctrl-X", "r")
        expect(window, "canned-list")
        window.type("refu")
        window.press("Enter")
        expect(window, "canned-filled")
        window.press("Enter")
        expect(window, "canned-refused")
    }

    @Test("a question can be answered at every size", arguments: sizes)
    func form(size: ScreenSize) {
        var window = world(size)
        var asked = said(
            "Deploy 1.4 to 東京 and 서울 before the freeze?", seq: 6, by: carol, in: withCarol, at: at("10:19"))
        asked.question = Question(choices: ["yes", "only 東京", "no"], until: at("10:31"))
        window.hear(.messageReceived(asked))
        window.press("Alt-Q")
        expect(window, "form-selected")
        window.press("2")
        expect(window, "form-answered")
    }

    @Test("who is busy, away or waited for stands in the list at every size", arguments: sizes)
    func deskWork(size: ScreenSize) {
        var window = Window.online(size.columns, size.rows, here: [alice, bob, carol, dan])
        window.open(withBob, [])
        window.hear(.messageReceived(said("where is order 1812?", seq: 1, by: bob, at: window.now.date)))
        window.hear(
            .availabilityReceived(from: carol, Availability(.busy, since: at("10:02"))),
            .availabilityReceived(from: dan, Availability(.away, since: at("09:12"), text: "lunch 🍜")))
        window.advance(by: .seconds(400))
        window.perform([.chat(.setAvailability(Availability(.busy, since: at("10:02"))))])
        expect(window, "desk-work")
    }

    @Test("an empty pane says what would fill it", arguments: sizes)
    func empty(size: ScreenSize) {
        var window = Window.online(size.columns, size.rows, here: [alice])
        window.hear(.restored(SavedState(isFirst: true)))
        expect(window, "empty-start")
        window.open(withBob)
        expect(window, "empty-conversation")
        window.hear(.linkChanged(.offline(reason: "connection lost", retryAt: nil)))
        window.perform([.chat(.open(withDan))])
        window.ui.focus = .input
        expect(window, "empty-offline")
    }
}
