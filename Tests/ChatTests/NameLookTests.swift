import Testing

@testable import Chat

@Suite("names that are taken for each other")
struct NameLookTests {
    private func roster(_ people: [(id: String, name: String)]) -> Roster {
        var roster = Roster()
        for (id, name) in people { roster.learn(NamedUser(UserID(id)!, name: name)) }
        return roster
    }

    @Test(
        "two names that look alike stand with their ids",
        arguments: [
            "alice", "Alice", "ALICE", "аliсe", "ａｌｉｃｅ", "𝐚𝐥𝐢𝐜𝐞", "al\u{200B}ice", "alice\u{00A0}", " alice", "a1ice",
            "aIice",
            "ɑlіϲе", "\u{202E}alice", "ⓐlice", "\u{2066}alice\u{2069}",
        ])
    func alike(name: String) {
        let roster = roster([("u1", "alice"), ("u2", name), ("u3", "Carol")])
        #expect(roster.label(of: UserID("u1")!) == "alice (u1)")
        #expect(roster.label(of: UserID("u2")!) == "\(name) (u2)")
        #expect(roster.label(of: UserID("u3")!) == "Carol")
    }

    @Test(
        "a name that looks like the id of another stands with its id", arguments: ["bob", "Bob", "b0b", "ВoЬ"])
    func likeAnID(name: String) {
        let roster = roster([("bob", "bob"), ("u2", name)])
        #expect(roster.label(of: UserID("u2")!) == "\(name) (u2)")
        #expect(roster.label(of: UserID("bob")!) == "bob (bob)")
    }

    @Test("composed and decomposed accents look the same, other accents do not")
    func accents() {
        let composed = roster([("u1", "Loïc"), ("u2", "Loi\u{308}c")])
        #expect(composed.needsID(UserID("u1")!) && composed.needsID(UserID("u2")!))
        let cyrillic = roster([("u1", "Noël"), ("u2", "Noёl")])
        #expect(cyrillic.needsID(UserID("u2")!))
        let different = roster([("u1", "Rene"), ("u2", "René")])
        #expect(!different.needsID(UserID("u1")!) && !different.needsID(UserID("u2")!))
    }

    @Test(
        "a name that looks like something that is no person stands with its id",
        arguments: [
            "you", "You", "ｙｏｕ", "yоu", "#lobby", "＃lobby", "System", "parley", "bob (carol)", "12:00 bob", "\u{200B}",
            "-> x",
        ])
    func imitation(name: String) {
        let roster = roster([("u1", name), ("u2", "Zoë")])
        #expect(roster.label(of: UserID("u1")!) == "\(name) (u1)")
        #expect(roster.label(of: UserID("u2")!) == "Zoë")
    }

    @Test(
        "ordinary names stand alone, in whatever script",
        arguments: ["Melanie Ünlü", "O'Brien", "Anna-Maria", "Зоя", "佐藤 花子", "Dr. Smith", "דוד", "🦊"])
    func ordinary(name: String) {
        #expect(roster([("u1", name), ("u2", "Bob")]).label(of: UserID("u1")!) == name)
    }

    @Test("a name that changes no longer counts, and who is alone with it again stands alone")
    func renamed() {
        var roster = roster([("u1", "alice"), ("u2", "alice")])
        roster.learn(NamedUser(UserID("u2")!, name: "Eve"))
        #expect(roster.label(of: UserID("u1")!) == "alice")
        roster.learn(NamedUser(UserID("u2")!, name: "Alice"))
        roster.learn(NamedUser(UserID("u2")!, name: "Alice"))
        #expect(roster.label(of: UserID("u1")!) == "alice (u1)")
        roster.learn(NamedUser(UserID("u2")!, name: "u2"))
        #expect(roster.label(of: UserID("u1")!) == "alice")
    }

    @Test(
        "one's own name is protected before one is in any roster, and an unreachable member does not pass for another")
    func oneself() {
        var script = ChatScript()
        script.hear(.signedIn(SignedIn(me: alice, name: "Alice", store: "s", lobby: .lobby)))
        script.hear(.usersLoaded([NamedUser(bob, name: "Alice")]))
        #expect(script.chat.title(of: withBob) == "Alice (bob)")
        #expect(Stranger(id: "x:1", name: "alice")?.label(beside: script.chat.roster) == "alice (x:1)")
        #expect(Stranger(id: "x:1", name: "Zoë")?.label(beside: script.chat.roster) == "Zoë")
    }
}
