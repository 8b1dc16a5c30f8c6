import ChannelsProtocol
import Chat
import Testing

@testable import Desk

@Suite("search", .eachStore)
struct SearchTests {
    private func texts(_ desk: TestDesk, _ user: String, _ query: String) async throws -> [String] {
        try await desk.call(user, "GET", "/api/search?\(query)").json.array?.compactMap { $0["text"]?.string } ?? []
    }

    @Test("finds words whole, by their beginning and without their accents, in one's own conversations only")
    func finds() async throws {
        try await withDesk { desk async throws in
            try await desk.say("alice", to: "bob", "the customer ordered crème brûlée")
            try await desk.say("bob", to: "alice", "order 1812 is on its way")
            try await desk.say("carol", to: "bob", "a secret order")
            #expect(try await texts(desk, "alice", "q=order").count == 2)
            #expect(try await texts(desk, "bob", "q=creme+brulee") == ["the customer ordered crème brûlée"])
            #expect(try await texts(desk, "alice", "q=secret") == [])
            #expect(try await texts(desk, "bob", "q=secret&peer=carol") == ["a secret order"])
            #expect(try await texts(desk, "bob", "q=secret&peer=alice") == [])
        }
    }

    @Test("whole words come before beginnings, the newest first, each message once, and no more than asked for")
    func order() async throws {
        try await withDesk { desk async throws in
            for text in ["order one", "reorder", "ordering", "order two", "orders"] {
                try await desk.say("bob", to: "alice", text)
            }
            #expect(try await texts(desk, "alice", "q=order") == ["order two", "order one", "orders", "ordering"])
            #expect(try await texts(desk, "alice", "q=order&limit=3") == ["order two", "order one", "orders"])
            #expect(try await texts(desk, "alice", "q=order&limit=1") == ["order two"])
        }
    }

    @Test("a beginning finds all words that have it, few or many, and no others", arguments: [3, 130])
    func beginnings(count: Int) async throws {
        try await withDesk { desk async throws in
            for number in 1...count { try await desk.say("bob", to: "alice", "Ärger\(number)x and quiet") }
            try await desk.say("bob", to: "alice", "argue, agree, quit")
            let found = try await texts(desk, "alice", "q=%C3%84RGER&limit=200")
            #expect(found == (1...count).reversed().map { "Ärger\($0)x and quiet" })
            #expect(try await texts(desk, "alice", "q=arg&limit=200").count == count + 1)
            #expect(try await texts(desk, "alice", "q=ar+qui&limit=200").count == count + 1)
            #expect(try await texts(desk, "alice", "q=ar+quie&limit=200").count == count)
            #expect(try await texts(desk, "alice", "q=arx&limit=200") == [])
        }
    }

    @Test("a message is found by its own words in every script, and no other message with it")
    func scripts() async throws {
        let texts = [
            "今日の天気はいい", "天と気", "我家在上海东边。", "海上", "ฉันพูดภาษาไทย", "오늘날씨는좋다", "Meyer & Sons", "Meyer and Sons",
            "order - 1812", "order 1812", "thanks :)", "thanks", "C++ is fast", "a car and a cat, C", "Ёлка", "well 😀",
            "well 😁",
            "🇩🇪", "🇦🇩🇪🇸", "it's 100%", "Łódź", "ＷＩＤＥ",
        ]
        let cases: [(query: String, found: [String])] = [
            ("天気", ["今日の天気はいい"]), ("上海", ["我家在上海东边。"]), ("ภาษา", ["ฉันพูดภาษาไทย"]), ("날씨", ["오늘날씨는좋다"]),
            ("Meyer & Sons", ["Meyer & Sons"]), ("order - 1812", ["order - 1812"]), ("thanks :)", ["thanks :)"]),
            (":)", ["thanks :)"]), ("C++", ["C++ is fast"]), ("елка", ["Ёлка"]), ("😀", ["well 😀"]), ("🇩🇪", ["🇩🇪"]),
            ("100%", ["it's 100%"]), ("lodz", ["Łódź"]), ("wide", ["ＷＩＤＥ"]), ("気", ["天と気", "今日の天気はいい"]),
        ]
        try await withDesk { desk async throws in
            for text in texts { try await desk.say("bob", to: "alice", text) }
            for (query, found) in cases {
                #expect(try await self.texts(desk, "alice", "q=\(HTTPQuery.encode(query))") == found, "\(query)")
            }
        }
    }

    @Test("a search of all conversations reads every one of them, however many there are")
    func manyConversations() async throws {
        let folder = try TemporaryFolder()
        let store = try StoreKind.current.store(folder, StoreKind.current.place())
        defer { store.close() }
        let alice = try await store.userOnFirstUse(try UserID(validating: "alice"))
        let count = 230
        for number in 0..<count {
            let peer = try await store.userOnFirstUse(try UserID(validating: "peer\(number)"))
            let chat = try #require(ConversationName(alice.id, peer.id))
            let message = IncomingMessage(from: peer, conversation: chat, text: "needle \(number)", clientID: "1")
            _ = try await store.send(message, createsPeer: false, publish: { _ in })
        }
        let found = try await store.search("needle", by: alice, in: nil, rooms: [], limit: 500)
        #expect(found.map(\.text) == (0..<count).reversed().map { "needle \($0)" })
    }

    @Test(
        "takes whatever is typed as words and never as its own language",
        arguments: [
            "q=%22", "q=AND", "q=a%20OR%20b", "q=scope%3Ac1", "q=*", "q=(", "q=%27%3B--", "q=NEAR(a%2C2)",
            "q=%F0%9F%98%80", "q=text%3Asecret", "q=-secret", "q=%5Esecret%24", "q=secret%20NOT%20x",
            "q=%7Btext%7D%3Asecret",
            "q=a%22%22b", "q=%22%2A%22", "q=a%00secret", "q=secret%2Bx", "q=%EF%BF%BF", "q=%FF", "q=%5C", "q=%25",
            "q=_",
            "q=%E2%80%AE", "q=a%0Asecret",
        ])
    func operators(query: String) async throws {
        try await withDesk { desk async throws in
            try await desk.say("carol", to: "bob", "a b secret")
            let answer = try await desk.call("alice", "GET", "/api/search?\(query)")
            #expect(answer.status == 200)
            #expect(answer.json.array == [])
        }
    }

    @Test(
        "a search never returns another user's messages, whatever mark follows a quote in it",
        arguments: [
            "\u{300}", "\u{301}", "\u{308}", "\u{345}", "\u{20DD}", "\u{FE0F}", "\u{200D}", "\u{93F}", "\u{94D}",
            "\u{E31}",
            "\u{E33}", "\u{1F3FF}", "\u{1F1E9}", "\u{E0101}", "",
        ])
    func combiningMarks(mark: String) async throws {
        try await withDesk { desk async throws in
            try await desk.say("carol", to: "bob", "a secret zebra")
            try await desk.say("alice", to: "bob", "x and y")
            for query in [
                "x\"\(mark))OR(text:zebra)OR(\"\(mark)y", "x\"\(mark))OR(scope:c1)OR(\"\(mark)y", "\"\(mark)",
                "x\"\(mark) OR zebra", "zebra'\(mark)|'x", "x\\\(mark)'|'zebra", "x'\(mark) | zebra:\(mark)*",
            ] {
                let answer = try await desk.call("alice", "GET", "/api/search?q=\(HTTPQuery.encode(query))")
                #expect(answer.status == 200, "\(query)")
                let texts = answer.json.array?.compactMap { $0["text"]?.string } ?? []
                #expect(texts.allSatisfy { $0 == "x and y" }, "\(query)")
            }
        }
    }

    @Test(
        "refuses nothing, too much, and people it does not know",
        arguments: ["", "q=", "q=x&limit=0", "q=x&limit=1000"])
    func refusals(query: String) async throws {
        try await withDesk { desk async throws in
            #expect(try await desk.call("alice", "GET", "/api/search?\(query)").status == 400)
            #expect(try await desk.call("alice", "GET", "/api/search?q=x&peer=..").status == 404)
        }
    }
}
