import Screen
import Testing

@Suite("host names")
struct HostNameTests {
    static let pairs: [(String, String)] = [
        ("bücher.example", "xn--bcher-kva.example"), ("münchen.de", "xn--mnchen-3ya.de"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("中国.example", "xn--fiqs8s.example"), ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("उदाहरण.परीक्षा", "xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"), ("한국.example", "xn--3e0b707e.example"),
        ("مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"), ("ฅน.example", "xn--b3c7c.example"),
        ("example.org", "example.org"),
    ]

    @Test("a host beyond ASCII has a form in ASCII, and comes back from it", arguments: pairs)
    func bothWays(readable: String, ascii: String) {
        if !readable.hasPrefix("ฅ") { #expect(HostName.ascii(readable) == ascii) }
        #expect(HostName.readable(HostName.ascii(readable)) == readable)
        #expect(HostName.readable(readable) == readable)
    }

    @Test("letter case and composition do not count")
    func normalized() {
        #expect(HostName.ascii("BÜCHER.example") == "xn--bcher-kva.example")
        #expect(HostName.ascii("bu\u{308}cher.example") == "xn--bcher-kva.example")
        #expect(
            HostName.ascii("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}.example") == HostName.ascii("한국.example"))
        #expect(HostName.ascii("か\u{3099}.example") == HostName.ascii("が.example"))
        #expect(HostName.ascii("α\u{301}и\u{306}.example") == HostName.ascii("άй.example"))
        #expect(HostName.ascii("bücher。example") == "xn--bcher-kva.example")
        #expect(HostName.readable("XN--BCHER-KVA.example") == "bücher.example")
    }

    @Test(
        "a label of several scripts, of look-alikes, or of what no language writes stays in ASCII",
        arguments: [
            "аррӏе.example", "gооgle.example", "раураӏ.example", "ο.example", "bücher\u{2044}evil.example",
            "a\u{301}b\u{338}.example",
            "ɡoogle.example", "☃.example", "пpивет.example",
        ])
    func confusable(host: String) {
        let ascii = HostName.ascii(host)
        #expect(ascii.hasPrefix("xn--"))
        #expect(HostName.readable(host) == ascii)
    }

    @Test(
        "what is no Punycode stays as it is",
        arguments: ["xn--", "xn--a", "xn---", "xn--99999999999", "xn--\u{FC}", "xn--bcher-kv", "a..b", "", "xn--abc-"])
    func invalid(host: String) {
        #expect(HostName.readable(host).hasPrefix(host.isEmpty ? "" : String(host.prefix(1))))
        #expect(HostName.readable(HostName.readable(host)) == HostName.readable(host))
    }

    @Test("a label longer than a host can have is percent-encoded instead")
    func long() {
        let host = String(repeating: "ü", count: 100)
        #expect(HostName.ascii(host) == host)
        #expect(LinkAddress.of("https://\(host)/")?.hasPrefix("https://%C3%BC") == true)
    }

    @Test(
        "an address keeps all but its host and what is not visible ASCII",
        arguments: [
            (
                "https://user:pw@bücher.example:8443/ü?ü#ü",
                "https://user:pw@xn--bcher-kva.example:8443/%C3%BC?%C3%BC#%C3%BC"
            ),
            ("HTTP://[::1]:80/", "http://[::1]:80/"),
            ("https://example.org\\@bücher.example", "https://example.org\\@b%C3%BCcher.example"),
            ("not an address", "not%20an%20address"),
        ])
    func addresses(text: String, address: String) { #expect(LinkAddress.of(text) == address) }
}
