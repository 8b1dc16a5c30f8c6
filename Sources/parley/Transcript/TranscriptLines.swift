import ChannelsProtocol
import Chat
import ChatSession

/// A transcript as JSON lines that hold each other: each ends in a hash of itself and of the hash before it, so that no line
/// can be changed, left out or put in without the next one telling.
///
/// `hash` is the SHA-256, in hex, of the hash of the line before (nothing at the first) followed by the line without its
/// `,"hash":"…"`.
struct HashChain: Sendable {
    private(set) var last = ""

    /// The line with its hash.
    mutating func seal(_ members: [(String, JSON)]) -> String {
        let body = Text.json(members).dropLast()
        last = Self.hash(last, String(body))
        return "\(body),\"hash\":\"\(last)\"}"
    }

    /// Whether a line is what follows the lines before.
    mutating func takes(_ line: some StringProtocol) -> Bool {
        let tail = ",\"hash\":\"".utf8.count + 64 + 2
        let bytes = Array(line.utf8)
        guard bytes.count > tail else { return false }
        let body = String(decoding: bytes[..<(bytes.count - tail)], as: UTF8.self)
        let hash = Self.hash(last, body)
        guard line == "\(body),\"hash\":\"\(hash)\"}" else { return false }
        last = hash
        return true
    }

    private static func hash(_ before: String, _ body: String) -> String {
        Digest.hex(Digest.sha256(Array("\(before)\(body)}".utf8)))
    }
}

extension Transcript {
    /// A head, the messages and gaps, and an end, without which something is missing at the end.
    func jsonLines() -> [String] { TranscriptWriter.lines(self, .json) }

    var jsonHead: [(String, JSON)] {
        [
            ("type", "transcript"), ("conversation", .string(conversation.channel)), ("title", .string(title)),
            ("desk", .string(desk)), ("store", .string(store)), ("user", .string(user.text)),
            ("participants", .array(participants.map { ["id": .string($0.id.text), "name": .string($0.name)] })),
            ("exported_at", .string(exportedAt.rfc3339)), ("zone", .string(zone)), ("last", JSON(last)),
        ]
    }
}

/// What `parley export --format json` wrote, read back.
struct TranscriptFile: Sendable {
    struct Part: Sendable {
        let conversation: ConversationName
        var messages: [Message] = []
        var hasGaps = false
    }

    private(set) var parts: [Part] = []
    private(set) var lineCount = 0

    /// Throws which line is wrong first, and how.
    ///
    /// - Parameter progress: called with how many lines were read, and how many there are.
    init(
        _ text: String, name: String, progress: (_ count: Int, _ total: Int) throws(Failure) -> Void = { _, _ in }
    ) throws(Failure) {
        var chain = HashChain()
        var isOpen = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        for (index, line) in lines.enumerated() {
            try progress(index, lines.count)
            func wrong(_ what: String) -> Failure {
                Failure(.badInput, "\(Text.shown(name)), line \(index + 1): \(what)")
            }
            guard let json = try? JSON(parsing: String(line)), let type = json["type"]?.string, json["v"]?.int == 1
            else {
                throw wrong("is no line of a transcript; expected what parley export --format json writes")
            }
            if type == "transcript" {
                guard !isOpen else { throw wrong("begins a conversation before the one above it has ended") }
                chain = HashChain()
            }
            guard chain.takes(line) else {
                throw wrong("is not what was exported: it was changed, or a line before it is missing or was put in")
            }
            lineCount = index + 1
            switch type {
            case "transcript":
                guard let conversation = json["conversation"]?.string.flatMap({ ConversationName(channel: $0) }) else {
                    throw wrong("names no conversation")
                }
                parts.append(Part(conversation: conversation))
                isOpen = true
            case "message":
                guard isOpen, let part = parts.last, let message = DeskReply.message(json, in: part.conversation),
                    message.text != nil
                else { throw wrong("is no message of the conversation above it") }
                parts[parts.count - 1].messages.append(message)
            case "gap": parts[parts.count - 1].hasGaps = true
            case "end":
                guard isOpen, json["messages"]?.int == parts.last?.messages.count else {
                    throw wrong("ends a conversation with another number of messages")
                }
                isOpen = false
            default: throw wrong("is of a type this version does not know: \(Text.shown(type))")
            }
        }
        guard lineCount > 0 else { throw Failure(.badInput, "\(Text.shown(name)): is empty") }
        guard !isOpen else {
            throw Failure(
                .badInput, "\(Text.shown(name)), line \(lineCount + 1): is missing; the transcript has no end")
        }
    }
}
