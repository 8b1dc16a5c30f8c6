import Chat
import Desk
import Testing

@testable import parley

@Suite("rooms in the configuration")
struct RoomSettingsTests {
    private func rooms(_ text: String) throws -> [DeskRoom] {
        let folder = try TestFolder()
        let path = try folder.write(text, to: "c.toml")
        return try Serve.configuration(try Settings.load(configFlag: path, environment: folder.environment())).rooms
    }

    @Test("have a name, and may have a title and users")
    func read() throws {
        let text = """
            [[rooms]]
            name = "support"
            title = "Customers, and what they want"
            [[rooms]]
            name = "dev-ops"
            users = "alice bob"
            """
        #expect(
            try rooms(text) == [
                DeskRoom(UserID("support")!, title: "Customers, and what they want"),
                DeskRoom(UserID("dev-ops")!, users: [UserID("alice")!, UserID("bob")!]),
            ])
    }

    @Test(
        "are refused in one sentence with line and what was found",
        arguments: [
            ("rooms = 3\n", "line 1: rooms is 3; each room begins with [[rooms]]"),
            ("rooms = [1]\n", "line 1: an entry of rooms is 1; each room begins with [[rooms]]"),
            ("[[rooms]]\ntitle = \"x\"\n", "line 1: rooms.name is missing; expected a name such as \"support\""),
            ("[[rooms]]\nname = \"\"\n", "line 2: rooms.name is missing; expected a name such as \"support\""),
            (
                "[[rooms]]\nname = \"#a\"\n",
                "line 2: rooms.name is \"#a\"; a user id has only letters, digits and _ - = @ , . ;; U+23 is none of them"
            ),
            (
                "[[rooms]]\nname = \"Lobby\"\n",
                "line 2: rooms.name is \"Lobby\"; the lobby is there without being declared"
            ),
            (
                "[[rooms]]\nname = \"a\"\n[[rooms]]\nname = \"a\"\n",
                "line 4: rooms.name \"a\" is there twice; give another name"
            ),
            (
                "[[rooms]]\nname = \"a\"\n[[rooms]]\nname = \"A\"\n",
                "line 4: rooms.name \"A\" differs from a only in case; give another name"
            ),
            (
                "[[rooms]]\nname = \"a\"\ntitel = \"\"\n",
                "line 3: rooms.titel is no setting; did you mean rooms.title?"
            ),
            (
                "[[rooms]]\nname = \"a\"\nusers = \"bob -\"\n",
                "line 3: rooms.users has \"-\"; a user id begins with a letter, a digit or _; \"-\" does not"
            ),
        ])
    func refused(text: String, sentence: String) throws {
        let failure = #expect(throws: Failure.self) { try rooms(text) }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.hasSuffix("c.toml, " + sentence) == true, "\(failure?.sentence ?? "")")
    }

    @Test("are fifty at most")
    func limit() throws {
        let many = (0...50).map { "[[rooms]]\nname = \"r\($0)\"\n" }.joined()
        let failure = #expect(throws: Failure.self) { try rooms(many) }
        #expect(failure?.sentence.hasSuffix("line 1: there are 51 rooms; a desk has at most 50") == true)
    }
}
