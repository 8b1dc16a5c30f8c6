import Chat
import Screen
import Testing

@testable import ChatUI

/// The screen that the documents show.
func sampleWindow(_ columns: Int, _ rows: Int) -> Window {
    var window = Window.online(
        columns, rows, here: [alice, bob, carol, dan],
        list: [
            ConversationSummary(
                name: .lobby, last: said("hello all", seq: 5, by: dan, in: .lobby, at: at("09:00")), unseen: 5,
                seenByPeer: 0),
            ConversationSummary(
                name: withCarol, last: said("see you", seq: 4, by: carol, in: withCarol, at: at("09:40")), unseen: 0,
                seenByPeer: 4, clock: ToldClock(start: nil, settled: 4)),
            ConversationSummary(
                name: withDan, last: said("bye", seq: 9, by: dan, in: withDan, at: at("09:10")), unseen: 0,
                seenByPeer: 9, clock: ToldClock(start: nil, settled: 9)),
            ConversationSummary(
                name: withBob, last: said("the customer is on the phone", seq: 4, at: at("10:21:40")), unseen: 2,
                seenByMe: 2, seenByPeer: 2,
                clock: ToldClock(start: .init(seq: 3, since: at("10:21")), settled: 0)),
        ])
    window.now.date = at("09:20")
    window.hear(.memberRemoved(dan))
    window.now.date = at("10:22")
    window.open(
        withBob,
        [
            said("can you look at order 1812?", seq: 1, at: at("10:14")),
            said("on it", seq: 2, by: alice, at: at("10:15")),
            said("any news?", seq: 3, at: at("10:21")),
            said("the customer is on the phone", seq: 4, at: at("10:22")),
        ])
    window.hear(.typingReceived(withCarol, from: carol, true), .typingReceived(withBob, from: bob, true))
    window.ui.linkDetail = LinkDetail(desk: "local desk", latency: .milliseconds(3), isHost: false)
    return window
}

@Suite("screens")
struct ChatScreenTests {
    @Test("the whole screen at every size", arguments: [(20, 5), (40, 8), (80, 12), (80, 24), (120, 40)])
    func sizes(_ columns: Int, _ rows: Int) {
        expectScreen(sampleWindow(columns, rows).screen, "sample-\(columns)x\(rows)")
    }

    @Test("without UTF-8 everything but what people wrote is ASCII")
    func ascii() {
        var window = sampleWindow(80, 12)
        window.glyphs = .ascii
        #expect(window.screen.text.unicodeScalars.allSatisfy { $0.isASCII })
        expectScreen(window.screen, "sample-ascii")
    }

    @Test("no size crashes, whatever lies over the screen")
    func everySize() {
        for columns in [1, 2, 5, 19, 20, 39, 40, 60, 133] {
            for rows in [1, 2, 3, 4, 5, 7, 8, 11, 12, 25] {
                var window = sampleWindow(columns, rows)
                window.type("some text that is longer than a narrow line can hold")
                #expect(window.screen.size == window.size)
                for key: Key in [
                    "F6", "Esc", "Esc", "Esc", "F1", "Esc", "Ctrl-G", "Esc", "F9", "F9", "Ctrl-R", "Esc", "PgUp",
                    "Alt-Home",
                ] {
                    window.press(key)
                    #expect(window.screen.cursor.map(window.screen.bounds.contains) ?? true)
                }
            }
        }
    }

    @Test("a first start says the three keys that matter and how somebody else comes")
    func welcome() {
        var window = Window.online(80, 14, here: [alice])
        window.hear(.restored(SavedState(isFirst: true)))
        expectScreen(window.screen, "welcome")
        window.resize(20, 5)
        expectScreen(window.screen, "welcome-20x5")
        let later = Window.online(80, 14, here: [alice])
        expectScreen(later.screen, "welcome-later")
        var elsewhere = later
        elsewhere.ui.linkDetail.isLocal = false
        #expect(elsewhere.row("Others appear in the list as they come.") != nil && elsewhere.row("--as") == nil)
    }

    @Test("before the desk is reached the screen says so")
    func connecting() {
        expectScreen(Window(80, 10).screen, "connecting")
    }

    @Test("while the desk cannot store, the status line says why and since when, and how much waits")
    func deskFault() {
        var window = sampleWindow(120, 24)
        window.hear(.deskFailed(reason: "the desk cannot use its store right now", isStoring: true))
        #expect(window.row("what you send is kept and sent later") != nil)
        window.ui.notice = nil
        window.type("hi")
        window.press("Enter")
        #expect(window.row("the desk cannot use its store right now, since ") != nil)
        #expect(window.row("1 to be sent") != nil)
        window.hear(.deskAnswered(isStoring: false))
        #expect(window.row("the desk cannot use its store right now") != nil)
        window.hear(.deskAnswered(isStoring: true))
        #expect(window.row("the desk cannot use its store right now") == nil)
    }

    @Test("the help lists every command with its keys")
    func help() {
        var window = sampleWindow(80, 24)
        window.press("F1")
        expectScreen(window.screen, "help")
        let all = HelpOverlay.lines(.standard, columns: 76).map(\.text).joined(separator: "\n")
        for info in CommandTable.all { #expect(all.contains(String(info.help.prefix(20)))) }
        for command in SlashCommand.all { #expect(all.contains("/\(command.name.rawValue)")) }
        window.press("End")
        expectScreen(window.screen, "help-end")
        window.press("Esc")
        #expect(window.ui.overlay == nil)
    }

    @Test("the switcher lies over the panes")
    func switcher() {
        var window = sampleWindow(80, 16)
        window.press("Ctrl-G")
        expectScreen(window.screen, "switcher")
        window.type("car")
        #expect(window.row("> carol") != nil)
        window.press("Enter")
        #expect(window.chat.open == withCarol)
    }

    @Test("what is being sent, was sent, was seen and could not be sent is told apart in signs")
    func deliveryStates() {
        var window = Window.online(80, 14)
        window.open(
            withBob, [said("one", seq: 1, by: alice, at: at("10:01")), said("two", seq: 2, by: alice, at: at("10:02"))])
        window.hear(.seenReceived(withBob, by: bob, through: 1))
        window.type("refused")
        window.press("Enter")
        window.hear(.kept(clientID: "c1"))
        window.hear(.deliveryFailed(clientID: "c1", .rejected(reason: "bob does not exist any more")))
        window.type("on its way")
        window.press("Enter")
        window.hear(.kept(clientID: "c2"))
        expectScreen(window.screen, "delivery")
        window.press("Esc", "k")
        expectScreen(window.screen, "delivery-selected")
        window.press("d")
        expectScreen(window.screen, "delivery-question")
        window.press("Esc", "Esc")
        window.hear(.relayed(clientID: "c2"))
        #expect(window.row("on its way")?.contains("→") == true)
        window.glyphs = .ascii
        #expect(window.row("on its way")?.contains(">") == true)
    }

    @Test("a gap says how much is missing and what is done about it")
    func gap() {
        var window = Window.online(80, 12)
        window.open(withBob, run(1...3))
        window.hear(.messageReceived(said("message 7", seq: 7)))
        expectScreen(window.screen, "gap")
        window.hear(.linkChanged(.offline(reason: "connection lost", retryAt: window.now.uptime + .seconds(4))))
        expectScreen(window.screen, "gap-offline")
    }

    @Test("hostile names and texts stay within their cells")
    func hostile() {
        var window = Window.online(80, 14)
        let evil = "\u{1B}[2J\u{202E}evil\u{7}\r\nname"
        window.hear(.memberAdded(NamedUser(dan, name: evil)))
        window.open(
            withDan,
            [
                said("\u{1B}]0;title\u{7}\u{202E}gnp.exe\u{9B}31m\u{0}", seq: 1, by: dan, in: withDan),
                said("e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301} 👨‍👩‍👧 🇩🇪 漢字 עברית", seq: 2, by: dan, in: withDan),
                said(nil, seq: 3, by: dan, in: withDan),
                said(String(repeating: "x", count: 200), seq: 4, by: dan, in: withDan),
            ])
        expectScreen(window.screen, "hostile")
        #expect(!window.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        window.press("Ctrl-G")
        #expect(!window.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        window.press("Esc")
        window.type("/whois dan")
        window.press("Enter")
        #expect(!window.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test("a text of several rows grows the input")
    func multiline() {
        var window = sampleWindow(80, 14)
        window.press(.paste("first line\r\nsecond line\nthird"), "Left", "Left")
        expectScreen(window.screen, "multiline")
    }

    @Test("the bare view is nothing but messages")
    func bare() {
        var window = sampleWindow(80, 12)
        window.press("F9")
        expectScreen(window.screen, "bare")
    }

    @Test("whoever is named in the lobby sees it")
    func mention() {
        var window = Window.online(80, 10)
        window.open(
            .lobby,
            [
                said("Alice, are you there?", seq: 1, in: .lobby),
                said("malice is no name", seq: 2, by: carol, in: .lobby),
                said("* not an act", seq: 3, in: .lobby), said("/me waves", seq: 4, by: carol, in: .lobby),
            ])
        expectScreen(window.screen, "lobby")
        #expect(window.screen.roles.split(separator: "\n").count { $0.contains("@@@") } == 1)
    }
}
