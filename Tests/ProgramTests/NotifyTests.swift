import Chat
import ChatUI
import Foundation
import Glibc
import Logging
import Testing

@testable import parley

@Suite("the command for what should not be missed, and the folder of canned replies")
struct NotifyTests {
    private func alert(_ title: String, _ text: String) -> Alert {
        Alert(
            conversation: ConversationName(UserID("alice")!, UserID("bob")!)!, step: .waitingTooLong, title: title,
            text: text)
    }

    /// Waits for a writer, and until it has ended.
    private func everything(from pipe: String) -> String {
        let end = open(pipe, O_RDONLY)
        defer { close(end) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(end, &part, part.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
    }

    @Test("what people wrote comes by stdin and by variables, and no shell ever reads it")
    func neverInterpolated() throws {
        let folder = try TestFolder()
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let hostile = "$(touch \(folder.path)/pwned) `id` ; exit 9 \"'\n\u{1B}[2J\u{0}"
        let command =
            "{ cat; printf '%s|%s|%s' \"$PARLEY_TITLE\" \"$PARLEY_STEP\" \"$PARLEY_CONVERSATION\"; } > '\(pipe)'"
        NotifyHook(command: command, log: Logger(label: "test")).run(alert(hostile, hostile))
        let text = everything(from: pipe)
        #expect(text.hasPrefix(hostile + "\n"))
        #expect(text.hasSuffix("|waiting-too-long|private-chat-alice-bob"))
        #expect(!text.dropFirst(hostile.count + 1).contains("\u{1B}"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/pwned"))
    }

    @Test("a text of any length is cut to what a pipe takes, and without a command nothing is started")
    func bounded() throws {
        let folder = try TestFolder()
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let long = String(repeating: "漢", count: 500_000)
        NotifyHook(command: nil, log: Logger(label: "test")).run(alert("x", long))
        NotifyHook(command: "wc -c > '\(pipe)'", log: Logger(label: "test")).run(alert("x", long))
        let count = everything(from: pipe)
        #expect(Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) == NotifyHook.maxText * 3 + 1)
    }

    @Test("canned replies are the text files of a folder, by name; what cannot be read is told and the rest is there")
    func canned() throws {
        let folder = try TestFolder()
        #expect(CannedFolder.contents(of: folder.path + "/none").replies.isEmpty)
        #expect(CannedFolder.contents(of: folder.path + "/none").problem == nil)
        try folder.write("One moment.\n\n", to: "canned/wait.txt")
        try folder.write("Hello {{name}},\nhow are you?\n", to: "canned/hello.md")
        try folder.write("no", to: "canned/.hidden.txt")
        try folder.write("no", to: "canned/other.rtf")
        try folder.write("\n", to: "canned/empty.txt")
        try folder.write(String(repeating: "x", count: 40_000), to: "canned/huge.txt")
        let contents = CannedFolder.contents(of: folder.path + "/canned")
        #expect(
            contents.replies == [
                CannedReply(name: "hello", text: "Hello {{name}},\nhow are you?"),
                CannedReply(name: "wait", text: "One moment."),
            ])
        #expect(contents.problem?.contains("huge.txt: has more than 32000 bytes") == true)
    }
}
