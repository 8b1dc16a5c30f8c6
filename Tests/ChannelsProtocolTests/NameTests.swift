import ChannelsProtocol
import Testing

@Suite("names")
struct NameTests {
    @Test("names and ids that are equal only to the eye are different on the wire")
    func bytes() throws {
        let (one, two) = ("\u{E9}", "e\u{301}")
        #expect(one == two)
        #expect(WireText(one) != WireText(two) && Set([WireText(one), WireText(two), WireText(one)]).count == 2)
        #expect(ChannelName(wire: "presence-" + one) != ChannelName(wire: "presence-" + two))
        #expect(Set([ChannelName(wire: one), ChannelName(wire: two)]).count == 2)
        #expect(HTTPQuery(decoding: "\(one)=1&\(two)=2")[two] == "2")
        #expect(try JSON(parsing: "{\"\(one)\":1,\"\(two)\":2}").object?.count == 2)
    }

    @Test(
        "the longest prefix says what a channel is",
        arguments: [
            ("news", ChannelKind.public), ("cache-news", .cache), ("private-a", .private),
            ("private-cache-a", .privateCache),
            ("private-encrypted-a", .privateEncrypted), ("private-encrypted-cache-a", .privateEncryptedCache),
            ("presence-a", .presence), ("presence-cache-a", .presenceCache), ("#server-to-user-7", .serverToUser),
            ("x-private-y", .public), ("xcache-y", .public), ("Private-a", .public), ("private", .public),
            ("#x", .public),
        ])
    func kinds(name: String, kind: ChannelKind) {
        #expect(ChannelName(wire: name).kind == kind)
    }

    @Test(
        "a channel name has letters, digits and a few signs",
        arguments: [
            "a", "private-chat-3-17", "A_z-0=@,.;", "#server-to-user-17", String(repeating: "a", count: 200),
        ])
    func goodNames(name: String) throws {
        #expect(try ChannelName(validating: name).text == name)
    }

    @Test(
        "other channel names are refused with a sentence",
        arguments: [
            ("", ChannelNameError.empty), ("a b", .character(in: "a b")), ("a:b", .character(in: "a:b")),
            ("a/b", .character(in: "a/b")), ("é", .character(in: "é")), ("#x", .reserved),
            ("#server-to-user-", .reserved),
            ("#server-to-user-a b", .character(in: "#server-to-user-a b")),
            (String(repeating: "a", count: 201), .tooLong(201, limit: 200)), ("a\n", .character(in: "a\n")),
        ])
    func badNames(name: String, error: ChannelNameError) {
        #expect(throws: error) { try ChannelName(validating: name) }
        #expect(ChannelName(name) == nil)
    }

    @Test(
        "a socket id is digits, a point, digits and nothing else",
        arguments: [
            ("1.2", true), ("18446744073709551615.18446744073709551615", true), ("", false), (".", false),
            ("1.", false),
            (".2", false), ("1.2.3", false), ("1.2\n", false), ("1.2:private-x", false), ("a.b", false),
            ("-1.2", false),
            ("١.٢", false), ("1", false),
        ])
    func socketIDs(text: String, isGood: Bool) {
        #expect((SocketID(text) != nil) == isGood)
    }

    @Test("client events begin with client-, and pusher: names are the protocol's own")
    func events() {
        #expect(EventName.isClientEvent("client-typing"))
        #expect(!EventName.isClientEvent("my-client-typing"))
        #expect(EventName.isReserved("pusher:ping"))
        #expect(EventName.isReserved("pusher_internal:member_added"))
        #expect(!EventName.isReserved("pusher-like"))
    }

    @Test(
        "each class of close codes has its reaction",
        arguments: [
            (1000, CloseCode.Advice.tryAgain), (1001, .tryAgain), (1002, .backOff), (1003, .backOff), (1004, .backOff),
            (1005, .tryAgain), (1006, .tryAgain), (1009, .tryAgain), (1011, .tryAgain), (3000, .tryAgain),
            (4000, .useTLS),
            (4001, .stayAway), (4003, .stayAway), (4004, .backOff), (4005, .stayAway), (4006, .stayAway),
            (4007, .stayAway), (4008, .stayAway), (4009, .stayAway), (4099, .stayAway), (4100, .backOff),
            (4199, .backOff),
            (4200, .atOnce), (4201, .atOnce), (4202, .atOnce), (4299, .atOnce), (4300, .stayAway), (4301, .stayAway),
            (4999, .stayAway),
        ] as [(UInt16, CloseCode.Advice)])
    func closeCodes(code: UInt16, advice: CloseCode.Advice) {
        #expect(CloseCode(code).advice == advice)
        #expect(!CloseCode(code).meaning.isEmpty)
    }
}
