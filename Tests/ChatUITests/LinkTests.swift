import Screen
import Testing

@testable import ChatUI

@Suite("links in text")
struct LinkTests {
    static let boundaries: [(String, [String])] = [
        ("https://en.wikipedia.org/wiki/Foo_(bar)", ["https://en.wikipedia.org/wiki/Foo_(bar)"]),
        ("(see https://en.wikipedia.org/wiki/Foo_(bar))", ["https://en.wikipedia.org/wiki/Foo_(bar)"]),
        ("(https://example.org/a)b", ["https://example.org/a"]),
        ("https://example.org/a[1]{2}", ["https://example.org/a[1]{2}"]),
        ("[https://example.org/a], {https://example.org/b}", ["https://example.org/a", "https://example.org/b"]),
        (
            "[here](https://example.org/x), [https://a.example](https://b.example)",
            [
                "https://example.org/x", "https://a.example", "https://b.example",
            ]
        ),
        ("https://example.org/路径，谢谢。", ["https://example.org/路径"]),
        ("（https://example.org/y）。", ["https://example.org/y"]),
        ("「https://example.org/y」と", ["https://example.org/y"]),
        ("看https://example.org/y；再见", ["https://example.org/y"]),
        ("**https://example.org/bold**", ["https://example.org/bold"]),
        ("**https://example.org/bold**.", ["https://example.org/bold"]),
        ("*https://example.org/a* `https://example.org/b`", ["https://example.org/a", "https://example.org/b"]),
        (
            "_https://example.org/it_ ~~https://example.org/gone~~",
            ["https://example.org/it", "https://example.org/gone"]
        ),
        ("https://example.org/snake_case_ x", ["https://example.org/snake_case_"]),
        (
            "https://example.org/~user/ and https://example.org/a~",
            ["https://example.org/~user/", "https://example.org/a~"]
        ),
        ("HTTPS://EXAMPLE.ORG/ Http://Example.org", ["HTTPS://EXAMPLE.ORG/", "Http://Example.org"]),
        ("<https://example.org/a.> <http://b.example>", ["https://example.org/a.", "http://b.example"]),
        (
            "\"https://example.org/q\" 'https://example.org/r' “https://example.org/s” «https://example.org/t»",
            [
                "https://example.org/q", "https://example.org/r", "https://example.org/s", "https://example.org/t",
            ]
        ),
        ("https://example.org/x?y=1&z=(2), and", ["https://example.org/x?y=1&z=(2)"]),
        ("what is https://example.org?!", ["https://example.org"]),
        ("راجع https://example.org/a، أو https://example.org/b؟", ["https://example.org/a", "https://example.org/b"]),
        ("देखें https://example.org/a।", ["https://example.org/a"]),
        (
            "https://a.example,https://b.example;http://c.example",
            ["https://a.example", "https://b.example", "http://c.example"]
        ),
        ("https://web.example/2020/https://example.org/x", ["https://web.example/2020/https://example.org/x"]),
        ("http://[::1]:8080/x (http://[2001:db8::1])", ["http://[::1]:8080/x", "http://[2001:db8::1]"]),
        ("https://bücher.example/ü https://пример.рф", ["https://bücher.example/ü", "https://пример.рф"]),
        ("xhttps://example.org https:// http://. https://)", []),
        ("https://example.org/a\u{200B}b", ["https://example.org/a"]),
        ("https://example.org/a\nhttps://example.org/b", ["https://example.org/a", "https://example.org/b"]),
    ]

    @Test("a link ends where its address ends", arguments: boundaries)
    func ends(text: String, links: [String]) {
        #expect(Links.ranges(in: text[...]).map { String(text[$0]) } == links)
    }

    @Test("a text of nothing but beginnings of links is read in one pass")
    func many() {
        let count = 20_000
        #expect(Links.ranges(in: String(repeating: "https://", count: count)[...]).count <= 1)
        #expect(Links.ranges(in: String(repeating: "https://a.b,", count: count)[...]).count == count)
        #expect(Links.ranges(in: ("https://a/" + String(repeating: "(", count: count * 4))[...]).count == 1)
    }

    @Test("the screen, the list and a key on a message lead to the same address")
    func everywhere() {
        var window = Window.online(80, 12)
        window.open(withBob, [said("**HTTPS://Bücher.example/Foo_(ü)**", seq: 1)])
        let address = "https://xn--bcher-kva.example/Foo_(%C3%BC)"
        #expect(window.screen.links == [address])
        window.press("Ctrl-O")
        #expect(window.row("HTTPS://bücher.example/Foo_(ü)") != nil)
        window.press(.enter)
        #expect(window.takeEffects().last == .openLink(address))
        window.press("Esc", "o")
        #expect(window.takeEffects().last == .openLink(address))
    }

    @Test("a host that can be taken for another is listed as programs write it")
    func confusable() {
        var window = Window.online(80, 12)
        window.open(withBob, [said("https://аррӏе.example/ and https://gооgle.example/", seq: 1)])
        window.press("Ctrl-O")
        #expect(window.row("https://xn--80ak6aa92e.example/") != nil)
        #expect(window.row("https://xn--ggle-55da.example/") != nil)
    }
}
