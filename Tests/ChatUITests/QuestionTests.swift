import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("a question on the screen")
struct QuestionTests {
    private func asked(_ seq: Int = 1, by user: UserID = bob) -> Message {
        var message = said("Deploy 1.4? (yes / no)", seq: seq, by: user)
        message.question = Question(choices: ["yes", "no"], until: at("10:31"))
        return message
    }

    private func window(_ messages: [Message]) -> Window {
        var window = Window.online()
        window.open(withBob, messages)
        _ = window.takeEffects()
        return window
    }

    @Test("shows one key for each choice, and until when")
    func form() {
        #expect(window([asked()]).row("[1] yes")?.contains("[1] yes  [2] no  [0] decline") == true)
    }

    @Test("says which key answers it, until it is answered")
    func key() {
        var answer = said("yes", seq: 2, by: alice)
        answer.answer = GivenAnswer(to: asked().id, choice: "yes", isLate: false)
        #expect(window([asked()]).row("Alt-Q answers the question") != nil)
        #expect(window([asked(), answer]).row("Alt-Q") == nil)
        #expect(window([asked(by: alice)]).row("Alt-Q") == nil)
    }

    @Test("is answered with one key once it is selected, whatever stands in the input")
    func oneKey() {
        var window = window([asked()] + run(2...5))
        window.type("2 things")
        _ = window.takeEffects()
        window.press("Alt-Q", "2")
        #expect(
            window.takeEffects() == [.chat(.answer(withBob, question: asked().id, choice: "no", clientID: ""))])
        #expect(window.input == "2 things")
        #expect(window.row("(the answer is on its way)") != nil)
    }

    @Test("is declined with 0, and a key without a choice does nothing")
    func decline() {
        var window = window([asked()])
        window.press("Alt-Q", "9")
        #expect(window.takeEffects().isEmpty)
        window.press("0")
        #expect(window.takeEffects() == [.chat(.answer(withBob, question: asked().id, choice: nil, clientID: ""))])
    }

    @Test("digits typed as text answer nothing")
    func digits() {
        var window = window([asked()])
        window.type("1")
        #expect(window.input == "1")
        #expect(!window.effects.contains { if case .chat(.answer) = $0 { true } else { false } })
    }

    @Test("says what became of it, and when an answer came too late")
    func outcome() {
        var answer = said("yes", seq: 2, by: alice)
        answer.answer = GivenAnswer(to: asked().id, choice: "yes", isLate: true)
        let window = window([asked(), answer])
        #expect(window.row("(answered: yes, late)") != nil)
        #expect(window.row("(late: the question had ended)") != nil)
        #expect(self.window([asked(by: alice)]).row("(waits for an answer until 10:31)") != nil)
    }

    @Test("takes commands too, and says what can be chosen")
    func commands() {
        var window = window([asked()])
        window.type("/answer perhaps")
        window.press(.enter)
        #expect(window.status.contains("choose one of: yes, no"))
        window.press("Ctrl-U")
        window.type("/answer YES")
        window.press(.enter)
        #expect(window.effects.contains(.chat(.answer(withBob, question: asked().id, choice: "yes", clientID: ""))))
        window.type("/decline")
        window.press(.enter)
        #expect(window.status.contains("no question waits"))
    }

    @Test("is words where lines are printed")
    func linear() {
        var text = LinearText(zone: .utc)
        let window = window([])
        let line = text.lines(for: .message(asked()), chat: window.chat).last
        #expect(line?.hasSuffix("(a question: /answer yes, /answer no, /decline)") == true)
    }

    @Test("what a script said is marked, once for what stands together, and what a person says beside it is not")
    func automated() {
        var robot = (1...2).map { said("build \($0) is done", seq: $0, by: bob) }
        for index in robot.indices { robot[index].isAutomated = true }
        let window = window(robot + [said("thanks, robot", seq: 3, by: bob)])
        let rows = window.rows
        let marks = rows.indices.filter { rows[$0].contains("(automated)") }
        #expect(marks.count == 1)
        #expect(marks.first.map { rows[$0 - 1].contains("build 1 is done") } == true)
        var text = LinearText(zone: .utc)
        let line = text.lines(for: .message(robot[0]), chat: window.chat).last
        #expect(line?.hasSuffix("bob: build 1 is done (automated)") == true)
    }
}
