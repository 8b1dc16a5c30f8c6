import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("waiting, attention and availability on the screen")
struct DeskWorkTests {
    private func alerts(_ window: inout Window) -> [Alert] {
        window.takeEffects().compactMap { if case .notify(let alert) = $0 { alert } else { nil } }
    }

    private func waiting(_ window: inout Window, _ name: ConversationName, _ peer: UserID, seq: Int = 1) {
        window.hear(.messageReceived(said("please", seq: seq, by: peer, in: name, at: window.now.date)))
    }

    @Test("how long somebody waits stands in words in list, title and status line, and grows by itself")
    func shown() {
        var window = Window.online()
        waiting(&window, withBob, bob)
        window.advance(by: .seconds(59))
        #expect(!window.text.contains("waiting"))
        window.advance(by: .seconds(1))
        #expect(window.status.contains("1 waiting, 1 min"))
        window.advance(by: .seconds(60))
        waiting(&window, withCarol, carol)
        window.open(withBob, [said("please", seq: 1, at: at("10:22"))])
        window.advance(by: .seconds(240))
        #expect(window.rows[0].contains("bob ● online ── waiting 6 min!! "))
        #expect(window.rows.contains { $0.contains("● carol w4m! (1)") })
        #expect(window.status.contains("2 waiting, longest 6 min!!"))
        window.type("yes")
        window.press("Enter")
        #expect(window.status.contains("1 waiting, 4 min!"))
        #expect(!window.rows[0].contains("waiting"))
    }

    @Test("nothing is due while nobody waits, and once a minute while somebody does")
    func wakesOnceAMinute() {
        var settings = UISettings()
        settings.awayWhenIdle = 0
        var window = Window.online(settings: settings)
        #expect(window.ui.deadline(chat: window.chat) == nil)
        waiting(&window, withBob, bob)
        #expect(window.ui.deadline(chat: window.chat) == window.now.uptime + .seconds(60))
        window.press("Alt-L", "Ctrl-X", "d")
        window.advance(by: .seconds(30))
        #expect(window.ui.deadline(chat: window.chat) == nil)
    }

    @Test("who is waited for longest is a key away, then the next")
    func nextWaiting() {
        var window = Window.online(here: [alice, bob, carol, dan])
        waiting(&window, withCarol, carol)
        window.advance(by: .seconds(5))
        waiting(&window, withBob, bob)
        window.press("Alt-L")
        #expect(window.chat.open == withCarol)
        window.press("Alt-L")
        #expect(window.chat.open == withBob)
        window.press("Alt-L")
        #expect(window.chat.open == withCarol)
        window.type("yes")
        window.press("Enter", "Alt-L")
        #expect(window.chat.open == withBob)
        window.press("Alt-L")
        #expect(window.status.contains("nobody else is waiting for your reply"))
    }

    @Test("one alert for each who waits and each step, none for what is before the eyes, none while busy")
    func escalates() {
        var window = Window.online(here: [alice, bob, carol])
        window.open(withCarol)
        _ = alerts(&window)
        waiting(&window, withBob, bob)
        waiting(&window, withBob, bob, seq: 2)
        waiting(&window, withCarol, carol)
        var told = alerts(&window)
        #expect(told.map(\.step) == [.message])
        #expect(told.first?.title == "bob" && told.first?.text == "please")
        window.advance(by: .seconds(119))
        #expect(alerts(&window) == [])
        window.advance(by: .seconds(1))
        told = alerts(&window)
        #expect(told.map(\.step) == [.waiting])
        #expect(told.first?.text == "waiting 2 min!")
        window.advance(by: .seconds(179))
        #expect(alerts(&window) == [])
        window.advance(by: .seconds(600))
        #expect(alerts(&window).filter { $0.conversation == withBob }.map(\.step) == [.waitingTooLong])
        window.press(.focusLost)
        window.type("/busy ")
        window.press("Enter")
        _ = alerts(&window)
        waiting(&window, withBob, bob, seq: 3)
        #expect(alerts(&window) == [])
        #expect(!window.effects.contains(.bell))
    }

    @Test("the conversation that is open alerts once the terminal has lost the focus")
    func unfocused() {
        var window = Window.online()
        window.open(withBob)
        window.press(.focusLost)
        window.effects = []
        waiting(&window, withBob, bob)
        #expect(window.effects.contains(.bell))
        #expect(alerts(&window).count == 1)
        window.press(.focusGained)
        window.advance(by: .seconds(1))
        window.press(.focusLost)
        waiting(&window, withBob, bob, seq: 2)
        #expect(alerts(&window).count == 1)
    }

    @Test("those who waited before the program was started are shown and ring no bell")
    func oldWaits() {
        let last = said("old", seq: 4, at: at("09:00"))
        var window = Window.online(list: [ConversationSummary(name: withBob, last: last, unseen: 1, seenByPeer: 0)])
        window.advance(by: .seconds(1))
        #expect(window.status.contains("1 waiting, 1 h!!"))
        #expect(alerts(&window) == [])
    }

    @Test("away by itself without a key, back with the next one; by hand it stays until /back")
    func automaticAway() {
        var window = Window.online()
        window.press("F6")
        window.effects = []
        window.advance(by: .seconds(599))
        #expect(window.chat.ownAvailability == nil)
        window.advance(by: .seconds(1))
        #expect(window.chat.ownAvailability?.state == .away)
        window.press("F6")
        #expect(window.chat.ownAvailability?.state == .available)
        window.open(withBob)
        window.type("/away lunch")
        window.press("Enter", "F6", "F6")
        #expect(window.chat.ownAvailability?.state == .away)
        #expect(window.chat.ownAvailability?.text == "lunch")
        #expect(window.row("you")?.contains("away") == true)
        window.type("/back")
        window.press("Enter")
        #expect(window.chat.ownAvailability?.state == .available)
    }

    @Test("away some time after the focus was lost, where that is wished for")
    func awayUnfocused() {
        var settings = UISettings()
        settings.awayWhenIdle = 0
        settings.awayWhenUnfocused = 3
        var window = Window.online(settings: settings)
        window.press(.focusLost)
        window.advance(by: .seconds(179))
        #expect(window.chat.ownAvailability == nil)
        window.advance(by: .seconds(1))
        #expect(window.chat.ownAvailability?.state == .away)
        window.press(.focusGained)
        #expect(window.chat.ownAvailability?.state == .available)
    }

    @Test("who is away stands below who is online, with how long, and who is busy says so")
    func awayGroup() {
        var window = Window.online(here: [alice, bob, carol, dan])
        let since = at("09:20")
        window.hear(.availabilityReceived(from: bob, Availability(.away, since: since, text: "lunch")))
        window.hear(.availabilityReceived(from: carol, Availability(.busy, since: since)))
        let list = window.rows.map { $0.prefix(20) }
        let heading = list.firstIndex { $0.contains("─ Away ") } ?? 0
        #expect(list[heading + 1].contains("◌ bob") && list[heading + 1].contains("1 h"))
        #expect(list[..<heading].contains { $0.contains("⊘ carol") && $0.contains("busy") })
        window.open(withBob)
        #expect(window.rows[0].contains("bob ◌ away 1 h: lunch"))
        window.glyphs = .ascii
        #expect(window.text.contains("z bob") && window.text.contains("x carol"))
        window.hear(.memberRemoved(bob))
        #expect(!window.text.contains(" Away "))
    }
}

@Suite("keys from the configuration")
struct KeyMapTests {
    private func refusal(_ replaced: [(command: String, keys: [String])]) -> String? {
        do throws(KeyMapError) {
            _ = try KeyMap(replacing: replaced)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("take the place of a command's own, on the screen and in the help")
    func replaced() throws {
        let keys = try KeyMap(replacing: [("switcher", ["F2", "Ctrl-X g"]), ("redraw", [])])
        var window = Window.online()
        window.ui = UIState(keys: keys)
        window.hear(.rosterReplaced([NamedUser(alice), NamedUser(bob)]))
        window.press("F2")
        #expect(window.text.contains("Go to"))
        window.press("Esc", "Ctrl-G")
        #expect(!window.text.contains("Go to"))
        window.press("Ctrl-X", "g")
        #expect(window.text.contains("Go to"))
        window.press("Esc", "F1")
        #expect(window.text.contains("F2, Ctrl-X g"))
        #expect(keys.names(of: .redraw) == "")
    }

    @Test("reach the n-th conversation by whatever nine keys there are")
    func numbers() throws {
        let keys = try KeyMap(replacing: [("conversation-by-number", ["F2", "F3", "Ctrl-X 3"])])
        var window = Window.online()
        window.ui = UIState(keys: keys)
        window.hear(.rosterReplaced([NamedUser(alice), NamedUser(bob), NamedUser(carol)]))
        window.press("F3")
        #expect(window.chat.open == withCarol)
        window.press("Ctrl-X", "3")
        #expect(window.chat.open == .lobby)
    }

    @Test("are refused with the sentence that helps")
    func refused() {
        #expect(refusal([("quti", ["F2"])]) == "keys.quti is no command; did you mean keys.quit?")
        #expect(refusal([("zzzzzzzz", ["F2"])]) == "keys.zzzzzzzz is no command; parley keys lists them all")
        #expect(refusal([("quit", ["Ctl-Q"])])?.hasPrefix("keys.quit has \"Ctl-Q\", which is no key; ") == true)
        #expect(refusal([("quit", [""])])?.hasPrefix("keys.quit has \"\", which is no key; ") == true)
        #expect(refusal([("quit", ["F2 F3 F4"])])?.contains("which is no key") == true)
        #expect(refusal([("quit", ["q"])])?.contains("which is needed to write") == true)
        #expect(refusal([("undo", ["Space"])])?.contains("which is needed to write") == true)
        #expect(refusal([("copy-message", ["c"])]) == nil)
        #expect(refusal([("quit", ["Ctrl-M"])])?.contains("which terminals send as Enter") == true)
        #expect(
            refusal([("quit", ["Ctrl-T"])])
                == "keys: Ctrl-T would mean quit and transpose; give one of them another key, or [] for none")
        #expect(refusal([("quit", ["Ctrl-T"]), ("transpose", [])]) == nil)
        // A key of two cannot begin with a key that already does something.
        #expect(refusal([("quit", ["Ctrl-X"])])?.contains("Ctrl-X would mean") == true)
        #expect(refusal([("quit", ["Ctrl-A F2"])])?.contains("would mean") == true)
        // The same key in two places that exclude each other is fine.
        #expect(refusal([("retry-message", ["n"]), ("list-down", ["n", "Down"])]) == nil)
        #expect(refusal([("retry-message", ["y"])])?.contains("y would mean") == true)
    }
}
