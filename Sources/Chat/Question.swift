/// A message that asks its reader to choose.
package struct Question: Equatable, Sendable {
    /// 1 to `maxChoices`, all different.
    package var choices: [String]
    /// Until when an answer counts, by the desk's clock.
    package var until: Timestamp

    /// One key each.
    package static let maxChoices = 9
    /// Characters of a choice.
    package static let maxChoiceLength = 40

    package init(choices: [String], until: Timestamp) {
        self.choices = choices
        self.until = until
    }

    /// What is wrong with the choices of a question, in a sentence; nil where nothing is.
    package static func problem(_ choices: [String]) -> String? {
        guard (1...maxChoices).contains(choices.count) else {
            return "a question has 1 to \(maxChoices) choices; there are \(choices.count)"
        }
        var known: Set<String> = []
        for choice in choices {
            let isPlain = choice.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            guard isPlain, choice.first?.isWhitespace == false, choice.last?.isWhitespace == false else {
                return "a choice is one line of text without blanks around it"
            }
            guard choice.count <= maxChoiceLength, choice.utf8.count <= 4 * maxChoiceLength else {
                return "a choice has at most \(maxChoiceLength) characters; one has \(choice.count)"
            }
            guard known.insert(choice.lowercased()).inserted else {
                return "two choices are the same; each is to differ"
            }
        }
        return nil
    }
}

/// That a message answers another.
package struct GivenAnswer: Equatable, Sendable {
    /// The id of the message that asks.
    package var questionID: String
    /// One of its choices; nil declines to choose.
    package var choice: String?
    /// Came after the question had ended, by the desk's clock: known, and never taken for consent.
    package var isLate: Bool

    package init(to questionID: String, choice: String?, isLate: Bool = false) {
        self.questionID = questionID
        self.choice = choice
        self.isLate = isLate
    }

    /// What stands as the text of a message that declines.
    package static let declined = "declined"
}

extension Conversation {
    /// Whether `message` asks `me` something that was not answered yet, here or elsewhere.
    package func isOpenQuestion(_ message: Message, me: UserID?) -> Bool {
        message.question != nil && message.from != me && answers[message.id] == nil
            && !outbox.contains { $0.answer?.questionID == message.id }
    }

    /// The newest question that waits for an answer of `me`.
    package func openQuestion(for me: UserID?) -> Message? {
        hasQuestions ? messages.last { isOpenQuestion($0, me: me) } : nil
    }

    mutating func noteQuestions(_ message: Message) {
        if message.question != nil { hasQuestions = true }
        if let answer = message.answer { answers[answer.questionID] = answer }
    }
}
