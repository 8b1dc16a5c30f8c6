import Chat
import ChannelsProtocol
import HTTPTypes

extension DeskAPI {
    /// The longest a question may wait, and the farthest its end may lie.
    static let longestAsk = 30 * 86_400

    /// Reads what a message is beside its text: `automated`, `ask`, `answers` with `choice`.
    func readMarks(_ body: JSON, into message: inout IncomingMessage) throws(APIError) {
        if let value = body["automated"], !value.isNull {
            guard let isAutomated = value.bool else { throw .badRequest("automated is neither true nor false") }
            message.isAutomated = isAutomated
        }
        if let ask = body["ask"], !ask.isNull {
            guard !message.conversation.isRoom else { throw .badRequest("ask: a question is put to one user") }
            message.question = try question(ask)
        }
        guard let answers = body["answers"], !answers.isNull else {
            guard body["choice"]?.isNull != false else { throw .badRequest("choice stands without answers") }
            return
        }
        guard message.question == nil else { throw .badRequest("answers and ask exclude each other") }
        guard let id = answers.string, (1...64).contains(id.utf8.count) else {
            throw .badRequest("answers is no message id")
        }
        guard !message.isAutomated else {
            throw APIError(.badRequest, "automated_answer", "a question is answered by a human; leave automated out")
        }
        var choice: String?
        if let given = body["choice"], !given.isNull {
            guard let text = given.string else { throw .badRequest("choice is no text") }
            choice = text
        }
        message.answer = GivenAnswer(to: id, choice: choice)
    }

    private func question(_ ask: JSON) throws(APIError) -> IncomingQuestion {
        guard let list = ask["choices"]?.array, list.allSatisfy({ $0.string != nil }) else {
            throw .badRequest("ask.choices is no list of texts")
        }
        let choices = list.compactMap(\.string)
        if let problem = Question.problem(choices) { throw .badRequest("ask.choices: \(problem)") }
        if let seconds = ask["seconds"]?.int {
            guard (1...Self.longestAsk).contains(seconds) else {
                throw .badRequest("ask.seconds is \(seconds); it is 1 to \(Self.longestAsk)")
            }
            return IncomingQuestion(choices: choices, end: .after(seconds: seconds))
        }
        let latest = WallClock.now().milliseconds + Int64(Self.longestAsk) * 1000
        guard let until = ask["until"]?.string.flatMap({ Timestamp(rfc3339: $0) }), until.milliseconds <= latest else {
            throw .badRequest("ask has neither seconds nor an until within 30 days, as 2026-11-20T10:15:30.123Z")
        }
        return IncomingQuestion(choices: choices, end: .at(until))
    }
}

extension APIError {
    init(_ problem: AnswerProblem) {
        switch problem {
        case .unknownQuestion:
            self.init(.notFound, "unknown_question", "there is no question with this id in this conversation")
        case .ownQuestion: self.init(.forbidden, "own_question", "a question is answered by the other side")
        case .unknownChoice(let choices):
            self.init(
                .badRequest, "unknown_choice", "that is no choice; there are \(choices.joined(separator: ", "))")
        case .answered: self.init(.conflict, "already_answered", "the question has its answer already")
        }
    }
}
