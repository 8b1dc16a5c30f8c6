import ChannelsProtocol

/// Takes secrets out of what is shown or written down: signatures, keys of encrypted channels, tokens.
struct Redaction: Sendable {
    static let hidden = "(hidden)"
    private static let names: Set<String> = [
        "auth", "shared_secret", "token", "signature", "secret", "password", "authorization", "cookie",
        "auth_signature",
    ]
    /// Texts that are secret wherever they stand.
    let known: [String]

    init(_ known: [String]) { self.known = known.filter { $0.utf8.count >= 6 } }

    /// JSON as JSON, with what hides inside strings of JSON as well; any other text as it is but for what is known.
    func text(_ text: String) -> String {
        guard let json = try? JSON(parsing: text) else { return withoutKnown(text) }
        return self.json(json).text
    }

    func json(_ json: JSON) -> JSON {
        switch json {
        case .string(let text):
            if text.first == "{" || text.first == "[", let inner = try? JSON(parsing: text) {
                return .string(self.json(inner).text)
            }
            return .string(withoutKnown(text))
        case .array(let list): return .array(list.map(self.json))
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { member in
                        let isSecret = Self.names.contains(member.name.lowercased())
                        return (
                            member.name,
                            isSecret && !member.value.isNull ? .string(Self.hidden) : self.json(member.value)
                        )
                    }))
        case .null, .bool, .number: return json
        }
    }

    private func withoutKnown(_ text: String) -> String {
        known.reduce(text) { $0.contains($1) ? $0.replacing($1, with: Self.hidden) : $0 }
    }
}
