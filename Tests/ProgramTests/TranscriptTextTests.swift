import Chat
import Testing

@testable import parley

@Suite("transcripts of hostile text")
struct TranscriptTextTests {
    private static let spell = "\u{1B}]2;x\u{07}\u{202E}\u{2066}\u{9B}31m"

    private var transcript: Transcript {
        let alice = UserID("alice")!
        let bob = UserID("bob")!
        let name = ConversationName(alice, bob)!
        let at = Timestamp(milliseconds: 1_700_000_000_000)
        var question = Message(id: "1", seq: 1, conversation: name, from: bob, text: "go \(Self.spell)?", at: at)
        question.question = Question(choices: ["yes\(Self.spell)", "no"], until: at)
        let family = Message(id: "2", seq: 2, conversation: name, from: bob, text: "👨‍👩‍👧‍👦\ta", at: at)
        return Transcript(
            desk: "desk\(Self.spell)", store: "store\(Self.spell)", user: alice, conversation: name, title: "bob",
            participants: [(alice, "Alice\(Self.spell)"), (bob, "bob")], messages: [question, family], seenByPeer: 0,
            last: 2, exportedAt: at, zone: "UTC\(Self.spell)", offset: { _ in 0 })
    }

    @Test("a transcript shows what a terminal would obey as marks, wherever it comes from")
    func marks() {
        for lines in [transcript.text(), transcript.markdown(), transcript.html(), transcript.jsonLines()] {
            for line in lines {
                #expect(line == Text.visible(line) && !line.unicodeScalars.contains("\u{1B}"), "\(line)")
            }
        }
        #expect(transcript.text().contains { $0.contains("store^[]2;x^G<U+202E><U+2066><U+009B>31m") })
    }

    @Test("a transcript holds joined characters and tabs as they were written")
    func written() {
        for lines in [transcript.text(), transcript.markdown(), transcript.html()] {
            #expect(lines.contains { $0.contains("👨‍👩‍👧‍👦\ta") })
        }
    }

    @Test("a printed line keeps what belongs to its characters and marks what a terminal would obey")
    func visible() {
        #expect(Text.visible("a\tb\n👍🏿 🏳️‍🌈 عربي") == "a\tb\n👍🏿 🏳️‍🌈 عربي")
        #expect(Text.visible("a\u{1B}[31m\u{202E}b\rc") == "a^[[31m<U+202E>b^Mc")
    }
}
