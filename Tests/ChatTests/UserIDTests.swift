import Testing

@testable import Chat

@Suite("user ids")
struct UserIDTests {
    @Test(
        "are letters, digits and _ - = @ , . ; and begin with a letter, digit or _",
        arguments: ["a", "7", "_x", "ann@example.org", "a-b", "x=1;y", String(repeating: "a", count: 64)])
    func valid(text: String) throws {
        #expect(try UserID(validating: text).text == text)
    }

    @Test("are refused in a sentence that names what is wrong")
    func refused() {
        let cases: [(String, UserIDError)] = [
            ("", .empty), ("..", .beginning("..")), ("-x", .beginning("-x")), ("@a", .beginning("@a")),
            (String(repeating: "a", count: 65), .tooLong(65)),
            ("a b", .character(" ", "a b")), ("é", .character("é", "é")), ("a\u{1b}", .character("\u{1b}", "a\u{1b}")),
            ("a" + String(repeating: "-", count: 40), .tooLongEscaped(121)),
        ]
        for (text, wanted) in cases {
            #expect(throws: wanted) { try UserID(validating: text) }
            #expect(!wanted.description.contains("\u{1b}"))
        }
    }

    @Test("are escaped so that no - and no = of an id stands in a channel name")
    func escaping() {
        for (text, escaped) in [("a-b", "a=2Db"), ("x=1", "x=3D1"), ("a@b.c", "a@b.c"), ("17", "17")] {
            #expect(UserID(text)?.escaped == escaped)
            #expect(UserID(escaped: escaped)?.text == text)
        }
    }

    @Test("are not read from what no id escapes to", arguments: ["a=2", "a=2d", "=41", "a=ZZ", "", "=2D"])
    func badEscapes(text: String) {
        #expect(UserID(escaped: text) == nil)
    }

    @Test("that are all digits are ordered as numbers of any length, others by bytes")
    func order() {
        let pairs = [
            ("9", "10"), ("07", "7"), ("99999999999999999999", "100000000000000000000"), ("10", "9a"), ("B", "a"),
            ("a", "a-b"),
        ]
        for (low, high) in pairs {
            #expect(UserID(low)! < UserID(high)!)
            #expect(!(UserID(high)! < UserID(low)!))
        }
    }

    @Test("near a login name keep what can be kept")
    func near() {
        for (login, id) in [("root", "root"), ("Zoë B", "Zo__B"), ("-x", "_-x"), ("", "_")] {
            #expect(UserID.near(login).text == id)
        }
        #expect(UserID(UserID.near(String(repeating: "-", count: 90)).text) != nil)
    }
}

@Suite("conversation names")
struct ConversationNameTests {
    @Test("are the same from both sides, and a user has none with themself")
    func symmetric() {
        let a = UserID("12")!
        let b = UserID("7")!
        #expect(ConversationName(a, b)?.channel == "private-chat-7-12")
        #expect(ConversationName(b, a) == ConversationName(a, b))
        #expect(ConversationName(a, a) == nil)
    }

    @Test("of different pairs never meet")
    func noCollision() {
        let one = ConversationName(UserID("a-b")!, UserID("c")!)!
        let other = ConversationName(UserID("a")!, UserID("b-c")!)!
        #expect(one.channel == "private-chat-a=2Db-c")
        #expect(other.channel == "private-chat-a-b=2Dc")
        #expect(ConversationName(channel: one.channel) == one)
        #expect(ConversationName(channel: other.channel) == other)
    }

    @Test(
        "are not read from what two ids do not make",
        arguments: [
            "private-chat-", "private-chat-a", "private-chat-b-a", "private-chat-a-a", "private-chat-a-b-c",
            "private-chat-10-9",
            "private-user-a", "chat-a-b", "private-chat-a-=2D",
        ])
    func malformed(name: String) {
        #expect(ConversationName(channel: name) == nil)
    }

    @Test("stay within the 164 bytes a channel name may have")
    func length() {
        let long = (0..<2).map {
            UserID(String(repeating: "x", count: 58) + String(repeating: "-", count: 5) + "\($0)")!
        }
        #expect(ConversationName(long[0], long[1])!.channel.utf8.count <= 164)
    }
}

@Suite("timestamps")
struct TimestampTests {
    @Test("are written and read as RFC 3339 with milliseconds")
    func roundTrip() {
        for text in [
            "2026-11-20T10:15:30.123Z", "1970-01-01T00:00:00.000Z", "2000-02-29T23:59:59.999Z",
            "1969-12-31T23:59:59.001Z",
        ] {
            #expect(Timestamp(rfc3339: text)?.rfc3339 == text)
        }
        #expect(Timestamp(rfc3339: "2026-11-20T12:15:30+02:00")?.rfc3339 == "2026-11-20T10:15:30.000Z")
        #expect(Timestamp(rfc3339: "2026-11-20T10:15:30.1234567Z")?.rfc3339 == "2026-11-20T10:15:30.123Z")
    }

    @Test(
        "are not read from anything else",
        arguments: [
            "", "2026", "2026-13-01T00:00:00Z", "2026-11-20T25:00:00Z", "2026-11-20T10:15:30", "2026-11-20T10:15:30.Z",
            "2026-11-20T10:15:30ZZ",
        ])
    func malformed(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("know their weekday")
    func weekday() {
        #expect(CalendarTime(Timestamp(rfc3339: "2026-11-20T10:15:30Z")!, offsetSeconds: 0).weekday == 5)
        #expect(CalendarTime(Timestamp(rfc3339: "2026-11-20T23:30:00Z")!, offsetSeconds: 3600).day == 21)
    }
}
