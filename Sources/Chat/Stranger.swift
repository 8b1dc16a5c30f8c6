/// Somebody in the presence channel of an application that has ids of its own, which no conversation can be named after:
/// shown, and not to be written to.
package struct Stranger: Equatable, Sendable {
    /// As the application has it; it may hold anything.
    package let id: String
    /// As they call themselves; the id where nothing else is known.
    package let name: String
    /// Why nobody can write to them: what is wrong with the id.
    package let reason: String

    /// How many are kept of a room; those beyond are not listed.
    package static let limit = 1_000
    /// Bytes of an id. Longer ones are not listed.
    package static let maxID = 256

    /// Nil for the id of a user.
    package init?(id: String, name: String?) {
        do throws(UserIDError) {
            _ = try UserID(validating: id)
            return nil
        } catch {
            guard id.utf8.count <= Self.maxID else { return nil }
            self.id = id
            self.name = name.flatMap { $0.isEmpty ? nil : $0 } ?? (id.isEmpty ? "(no id)" : id)
            reason = error.description
        }
    }

    /// By name, and by id where names are the same.
    static func comesBefore(_ a: Stranger, _ b: Stranger) -> Bool {
        let (first, second) = (a.name.lowercased(), b.name.lowercased())
        return first != second ? first < second : a.id < b.id
    }
}

extension ChatState {
    /// Those of a room who cannot be written to, by name.
    package func strangers(in room: ConversationName) -> [Stranger] {
        strangers[room]?.values.sorted(by: Stranger.comesBefore) ?? []
    }

    mutating func strangersHere(_ room: ConversationName, _ here: [Stranger]) {
        strangers[room] = nil
        for each in here { strangerCame(room, each) }
    }

    mutating func strangerCame(_ room: ConversationName, _ stranger: Stranger) {
        guard isIn(room), strangers[room, default: [:]].count < Stranger.limit else { return }
        strangers[room, default: [:]][stranger.id] = stranger
    }
}
