import Testing

@testable import Chat

@Suite("questions")
struct QuestionTests {
    private func question(_ seq: Int, by user: UserID = bob) -> Message {
        var message = said("deploy?", seq: seq, by: user)
        message.question = Question(
            choices: ["yes", "no"], until: Timestamp(milliseconds: 1_800_000_600_000))
        return message
    }

    @Test("an answer goes through the outbox, with the question's id, and leaves the draft alone")
    func answering() {
        var script = ChatScript.online()
        script.hear(.messageReceived(question(1)))
        script.want(.saveDraft(withBob, "half a thought"))
        _ = script.take()
        #expect(script.chat.conversation(withBob).openQuestion(for: alice)?.seq == 1)
        script.want(.answer(withBob, question: "\(withBob.channel)/1", choice: "yes", clientID: "c"))
        #expect(!script.take().contains(.save(.saveDraft(withBob, ""))))
        #expect(script.chat.drafts[withBob] == "half a thought")
        script.hear(.kept(clientID: "c"))
        guard case .deliver(let message)? = script.take().last else {
            Issue.record("nothing was delivered")
            return
        }
        #expect(message.text == "yes")
        #expect(message.answer == GivenAnswer(to: "\(withBob.channel)/1", choice: "yes"))
        // Twice is once.
        script.want(.answer(withBob, question: "\(withBob.channel)/1", choice: "no", clientID: "d"))
        #expect(script.take().isEmpty)
    }

    @Test("what was answered elsewhere, is one's own, or has no such choice is not answered")
    func closed() {
        var script = ChatScript.online()
        script.hear(.messageReceived(question(1)))
        script.hear(.messageReceived(question(2, by: alice)))
        _ = script.take()
        script.want(.answer(withBob, question: "\(withBob.channel)/1", choice: "maybe", clientID: "c"))
        script.want(.answer(withBob, question: "\(withBob.channel)/2", choice: "yes", clientID: "d"))
        script.want(.answer(withBob, question: "nothing", choice: "yes", clientID: "e"))
        #expect(script.take().isEmpty)
        var answer = said("no", seq: 3, by: alice)
        answer.answer = GivenAnswer(to: "\(withBob.channel)/1", choice: "no")
        script.hear(.messageReceived(answer))
        #expect(script.chat.conversation(withBob).openQuestion(for: alice) == nil)
        #expect(script.chat.conversation(withBob).answers["\(withBob.channel)/1"]?.choice == "no")
    }

    @Test(
        "choices have limits",
        arguments: [
            [], [""], [" a"], ["a", "A"], ["a\u{1B}"], [String(repeating: "x", count: 41)],
            Array(repeating: "x", count: 10),
        ])
    func limits(choices: [String]) { #expect(Question.problem(choices) != nil) }
}
