import ChannelsProtocol
import Chat

/// Writes a transcript page by page: its head, its messages with the gaps between them, its end.
struct TranscriptWriter {
    private let transcript: Transcript
    private let format: Export.Format
    private var day = ""
    private var next = 1
    private var count = 0
    private var chain = HashChain()

    init(_ transcript: Transcript, _ format: Export.Format) {
        self.transcript = transcript
        self.format = format
    }

    /// All lines of a transcript that holds its messages.
    static func lines(_ transcript: Transcript, _ format: Export.Format) -> [String] {
        var writer = TranscriptWriter(transcript, format)
        return writer.begin() + writer.add(transcript.messages) + writer.end()
    }

    mutating func begin() -> [String] {
        switch format {
        case .text: transcript.textHead
        case .md: transcript.markdownHead
        case .html: transcript.htmlHead
        case .json: [chain.seal(transcript.jsonHead)]
        }
    }

    /// - Parameter messages: ascending, after those of the page before. Later ones than the head counts are left out.
    mutating func add(_ messages: [Message]) -> [String] {
        messages.filter { $0.seq <= transcript.last }.flatMap { message in
            let missing = message.seq > next ? gap(next...message.seq - 1) : []
            next = message.seq + 1
            count += 1
            return missing + line(message)
        }
    }

    mutating func end() -> [String] {
        let missing = next <= transcript.last ? gap(next...transcript.last) : []
        switch format {
        case .text, .md: return missing
        case .html: return missing + ["</body></html>"]
        case .json: return missing + [chain.seal([("type", "end"), ("messages", JSON(count))])]
        }
    }

    private mutating func gap(_ gap: ClosedRange<Int>) -> [String] {
        switch format {
        case .text: return ["-- \(Transcript.gapText(gap)) --"]
        case .md: return ["", "*\(Transcript.gapText(gap))*"]
        case .html: return ["<p><em>\(Transcript.gapText(gap))</em></p>"]
        case .json:
            return [
                chain.seal([
                    ("type", "gap"), ("conversation", .string(transcript.conversation.channel)),
                    ("from", JSON(gap.lowerBound)), ("through", JSON(gap.upperBound)),
                ])
            ]
        }
    }

    private mutating func line(_ message: Message) -> [String] {
        guard format != .json else {
            return [
                chain.seal(
                    [("type", "message")] + Text.members(message)
                        + [("state", .string(transcript.state(of: message)))])
            ]
        }
        let before = day
        day = transcript.stamp(message.at).date
        switch format {
        case .text: return transcript.text(message, dayBefore: before)
        case .md: return transcript.markdown(message, dayBefore: before)
        case .html: return transcript.html(message, dayBefore: before)
        case .json: return []
        }
    }
}
