import Chat

/// The form at a question: one key for each choice. Where the question has its answer, that stands there instead.
enum QuestionLines {
    /// - Parameter calendar: a moment as the reader's wall clock shows it.
    static func notes(
        _ message: Message, _ conversation: Conversation, me: UserID?, calendar: (Timestamp) -> CalendarTime
    ) -> [String] {
        if message.answer?.isLate == true { return ["(late: the question had ended)"] }
        guard let question = message.question else { return [] }
        if let answer = conversation.answers[message.id] { return ["(\(outcome(answer)))"] }
        let end = Words.clock(calendar(question.until), uses24Hours: true)
        guard conversation.isOpenQuestion(message, me: me) else {
            return [message.from == me ? "(waits for an answer until \(end))" : "(the answer is on its way)"]
        }
        return ["\(form(question))  until \(end)"]
    }

    /// `[1] yes  [2] no  [0] decline`.
    static func form(_ question: Question) -> String {
        let keys = question.choices.enumerated().map { "[\($0 + 1)] \($1)" } + ["[0] decline"]
        return keys.joined(separator: "  ")
    }

    static func outcome(_ answer: GivenAnswer) -> String {
        (answer.choice.map { "answered: \($0)" } ?? "declined") + (answer.isLate ? ", late" : "")
    }

    /// What stands after a message where lines are printed and never changed.
    static func inWords(_ message: Message, isMine: Bool) -> String {
        (message.isAutomated ? " (automated)" : "") + questionInWords(message, isMine: isMine)
    }

    private static func questionInWords(_ message: Message, isMine: Bool) -> String {
        if let answer = message.answer { return answer.isLate ? " (late answer)" : " (answer)" }
        guard let question = message.question, !isMine else { return "" }
        let commands = question.choices.map { "/answer \($0)" } + ["/decline"]
        return " (a question: \(commands.joined(separator: ", ")))"
    }
}
