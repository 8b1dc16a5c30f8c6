import ChannelsProtocol

/// One object that a verb prints with `--json`: what `parley schema` shows, and what a test compares real output with.
struct OutputShape: Sendable {
    /// The verb, or the verb and what it prints.
    let name: String
    let sentence: String
    let members: [Member]

    struct Member: Sendable {
        let name: String
        let kind: Kind
        let isOptional: Bool
        let sentence: String

        init(_ name: String, _ kind: Kind, _ sentence: String, isOptional: Bool = false) {
            self.name = name
            self.kind = kind
            self.sentence = sentence
            self.isOptional = isOptional
        }

        var optional: Member { Member(name, kind, sentence, isOptional: true) }
    }

    indirect enum Kind: Sendable {
        case text
        /// RFC 3339, UTC, milliseconds.
        case time
        case integer
        case number
        case boolean
        case constant(String)
        case choice([String])
        case list(Kind)
        case object([Member])
        case nullable(Kind)
        /// Whatever JSON it is.
        case any
    }

    /// As JSON Schema, draft 2020-12. Members that are not named may come with a later version.
    var schema: JSON {
        var object = Self.object([Member("v", .integer, "the version of this shape: 1")] + members)
        if case .object(let body) = object {
            let head: [(String, JSON)] = [
                ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", .string("parley " + name)),
                ("description", .string(sentence)),
            ]
            object = .object(JSONObject(head + body.members.map { ($0.name, $0.value) }))
        }
        return object
    }

    private static func object(_ members: [Member]) -> JSON {
        let properties = members.map { member -> (String, JSON) in
            guard case .object(let body) = schema(member.kind) else { return (member.name, true) }
            let all = body.members.map { ($0.name, $0.value) } + [("description", JSON.string(member.sentence))]
            return (member.name, .object(JSONObject(member.name == "v" ? all + [("const", 1)] : all)))
        }
        return [
            "type": "object", "properties": .object(JSONObject(properties)),
            "required": .array(members.filter { !$0.isOptional }.map { .string($0.name) }),
        ]
    }

    private static func schema(_ kind: Kind) -> JSON {
        switch kind {
        case .text: ["type": "string"]
        case .time:
            ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"]
        case .integer: ["type": "integer"]
        case .number: ["type": "number"]
        case .boolean: ["type": "boolean"]
        case .constant(let text): ["const": .string(text)]
        case .choice(let words): ["enum": .array(words.map { .string($0) })]
        case .list(let kind): ["type": "array", "items": schema(kind)]
        case .object(let members): object(members)
        case .nullable(let kind): ["anyOf": .array([schema(kind), ["type": "null"]])]
        case .any: .object(JSONObject([]))
        }
    }
}
