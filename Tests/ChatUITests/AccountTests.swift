import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("several accounts")
struct AccountTests {
    private static let accounts = AccountList(["default", "work", "guest"], current: "default")

    private func window(
        _ columns: Int = 80, _ rows: Int = 24, accounts: AccountList = Self.accounts
    ) -> Window {
        var window = Window.online(columns, rows, here: [alice, bob, carol], accounts: accounts)
        window.open(withBob, [said("hi", seq: 1)])
        window.effects = []
        return window
    }

    private func run(_ line: String, accounts: AccountList = Self.accounts) -> Window {
        var window = window(accounts: accounts)
        window.type(line)
        window.effects = []
        window.press("Enter")
        return window
    }

    @Test("/account lists them and says which one this is")
    func list() {
        var window = run("/account")
        #expect(window.row("default  (this one)") != nil)
        #expect(window.row("work") != nil && window.row("guest") != nil)
        #expect(window.row("/account NAME goes on as another") != nil)
        #expect(!window.effects.contains { if case .goOn = $0 { true } else { false } })
        window.press("Esc")
        #expect(window.ui.overlay == nil)
    }

    @Test("/account NAME goes on as another, and the command is no draft of anybody's, however long it stood there")
    func goOn() {
        var quick = run("/account work")
        #expect(quick.takeEffects() == [.chat(.saveDraft(withBob, "")), .goOn(account: "work")])
        #expect(quick.input.isEmpty)
        #expect(!quick.ui.closing().contains { if case .chat(.saveDraft) = $0 { true } else { false } })
        var slow = window()
        slow.type("/account work")
        slow.advance(by: .seconds(5))
        #expect(slow.chat.drafts[withBob] == "/account work")
        slow.press("Enter")
        #expect(slow.chat.drafts[withBob] == nil)
        #expect(slow.effects.last == .goOn(account: "work"))
    }

    @Test(
        "a name that is none stays in the input, and the sentence says which there are",
        arguments: [
            ("/account wrok", "there is no account wrok; did you mean work?"),
            ("/account elsewhere", "there is no account elsewhere; there are default, work, guest"),
            ("/account work now", "there is no account work now; did you mean work?"),
        ])
    func unknown(line: String, sentence: String) {
        let window = run(line)
        #expect(window.ui.notice?.text == sentence)
        #expect(window.ui.notice?.isError == true)
        #expect(window.input == line)
        #expect(window.effects.isEmpty)
    }

    @Test("controls in a name that is none do not reach the screen")
    func hostile() {
        var window = window()
        window.perform(window.ui.paste("/account \u{1B}[31m\u{202E}x", window.chat, window.now))
        window.press("Enter")
        #expect(window.ui.notice?.isError == true)
        #expect(!window.text.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E })
    }

    @Test("the account that one is stays, and where there is but one the sentence says how to have more")
    func stays() {
        let same = run("/account default")
        #expect(same.ui.notice?.text == "this is account default")
        #expect(!same.effects.contains(.goOn(account: "default")))
        for line in ["/account", "/account work"] {
            let alone = run(line, accounts: AccountList())
            #expect(alone.ui.notice?.text == "there is one account; [accounts.NAME] in the settings makes more")
            #expect(alone.ui.overlay == nil)
        }
    }

    @Test("names complete behind /account, but for the one that one is")
    func completion() {
        var window = window()
        window.type("/account w")
        window.press("Tab")
        #expect(window.input == "/account work")
        window.press("Ctrl-U")
        window.type("/account ")
        window.press("Tab")
        #expect(window.input == "/account work")
        window.press("Tab")
        #expect(window.input == "/account guest")
        window.press("Tab")
        #expect(window.input == "/account work")
    }

    @Test("the list of actions has one for each of the others, and what is being written is kept")
    func palette() {
        var window = window()
        window.type("half a thought")
        window.press("Alt-X")
        window.type("account gue")
        #expect(window.row("> go on as account guest")?.contains("/account guest") == true)
        window.effects = []
        window.press("Enter")
        #expect(window.effects == [.goOn(account: "guest")])
        #expect(window.ui.closing().contains(.chat(.saveDraft(withBob, "half a thought"))))
        window.press("Alt-X")
        window.type("as account default")
        #expect(window.row("/account default") == nil)
    }

    @Test("line by line they are told as lines")
    func linear() {
        var window = window()
        #expect(
            window.ui.submit(line: "/account guest", chat: window.chat, now: window.now).last == .goOn(account: "guest")
        )
        _ = window.ui.submit(line: "/account", chat: window.chat, now: window.now)
        #expect(
            window.ui.takePage(window.chat, now: window.now)?.prefix(3) == ["default  (this one)", "work", "guest"])
    }

    @Test("the window's title says which one it is, where there are several")
    func title() {
        var window = Window.online(accounts: AccountList(["default", "work"], current: "work"))
        #expect(window.screen.title == "parley work")
        window.hear(.messageReceived(said("psst", seq: 1, by: carol, in: withCarol)))
        #expect(window.screen.title == "(1) parley work")
        #expect(Window.online().screen.title == "parley")
    }

    static let links: [(String, Link)] = [
        ("online", .online), ("offline", .offline(reason: "connection lost", retryAt: .seconds(1004))),
        ("refused", .refused(reason: "there is no token for it")),
    ]

    @Test(
        "the status line says which one it is, also where it cannot be reached", arguments: links,
        SizesTests.sizes.prefix(3))
    func status(state: (name: String, link: Link), size: ScreenSize) {
        var window = window(size.columns, size.rows, accounts: AccountList(["default", "work"], current: "work"))
        window.ui.linkDetail = LinkDetail(desk: "https://work.example.org", latency: .milliseconds(12))
        window.hear(.linkChanged(state.link))
        expectScreen(window.screen, "account-\(state.name)-\(size.columns)x\(size.rows)")
    }

    @Test("the list of them fits every size", arguments: SizesTests.sizes)
    func page(size: ScreenSize) {
        var window = window(size.columns, size.rows)
        window.type("/account")
        window.press("Enter")
        expectScreen(window.screen, "account-list-\(size.columns)x\(size.rows)")
    }
}
