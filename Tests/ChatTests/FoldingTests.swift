import Testing

@testable import Chat

@Suite("folding")
struct FoldingTests {
    @Test(
        "texts that differ only in case, accents, width, normal form or invisible scalars fold alike",
        arguments: [
            ("Mélanie Ünlü", "melanie unlu"), ("Me\u{301}lanie", "Mélanie"), ("ЁЛКА", "елка"), ("ΟΔΟΣ", "οδος"),
            ("Straße", "STRASSE"), ("Łódź", "lodz"), ("Søren Ærø", "soren aero"), ("İstanbul", "istanbul"),
            ("한글", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"), ("ＡＢＣ１２３", "abc123"), ("ｶﾞｷﾞ", "ガギ"),
            ("الكِتاب", "الكتاب"), ("أحمد", "احمد"), ("שָׁלוֹם", "שלום"), ("❤\u{FE0F}", "❤"),
            ("soft\u{AD}hyphen", "softhyphen"),
            ("a\u{200B}b", "ab"), ("Việt Nam", "viet nam"), ("don’t", "don't"), ("\u{212A}", "k"), ("", ""),
        ])
    func alike(a: String, b: String) {
        #expect(Array(Folding.fold(a).unicodeScalars) == Array(Folding.fold(b).unicodeScalars))
    }

    @Test(
        "texts that differ in letters fold differently",
        arguments: [("が", "か"), ("ぱ", "は"), ("한", "하"), ("天気", "天"), ("🇩🇪", "🇪🇩"), ("a", "b"), ("ä", "o"), ("👍🏿", "👍")])
    func different(a: String, b: String) { #expect(Folding.fold(a) != Folding.fold(b)) }

    @Test("folding twice changes nothing")
    func idempotent() {
        for text in ["Ǆ", "ŉ", "ΐ", "ﬃ", "ẞ", "ΑΣ", "각", "ｶﾞ", "Å\u{345}", "“”"] {
            #expect(Folding.fold(Folding.fold(text)) == Folding.fold(text), "\(text)")
        }
    }
}

@Suite("search patterns")
struct SearchPatternTests {
    private func isFound(_ query: String, in text: String, isBeginning: Bool = true) -> Bool {
        SearchPattern(query)?.matches(SearchText(text), isBeginning: isBeginning) ?? false
    }

    @Test(
        "a message is found by its own words as they are written in it",
        arguments: [
            ("天気", "今日の天気はいい"), ("上海", "我家在上海东边。"), ("ภาษา", "ฉันพูดภาษาไทย"), ("날씨", "오늘날씨는좋다"), ("😀", "well 😀 done"),
            ("👨‍👩‍👧", "the 👨‍👩‍👧 is here"), ("🇩🇪", "🇫🇷🇩🇪"), ("Meyer & Sons", "from Meyer & Sons, Ltd."),
            ("order - 1812", "your order - 1812"), ("thanks :)", "many thanks :)"), ("C++", "I write C++ and C"),
            ("c++", "C++?"),
            ("елка", "Ёлка"), ("brul", "crème brûlée"), ("sons meyer", "Meyer & Sons"),
            ("example.org/x", "https://example.org/x?y=1"),
            ("a\"b", "say a\"b"), ("100%", "100% sure"), ("iphone手机", "我的iPhone手机"), ("iphone", "我的iPhone手机"),
            ("नमस्ते", "नमस्ते दुनिया"),
            ("don't", "we don’t"), ("ｱﾒﾘｶ", "アメリカ"),
        ])
    func found(query: String, text: String) { #expect(isFound(query, in: text)) }

    @Test(
        "a message that lacks a piece of the query is not found",
        arguments: [
            ("C++", "a car, a cat, C and c+"), ("天気", "天と気"), ("Meyer & Sons", "Meyer and Sons"), (":)", "a : b )"),
            ("🇩🇪", "🇦🇩🇪🇸"), ("rder", "order"), ("😀", "😁"), ("order - 1812", "order 1812"), ("x\"y", "x y"), ("上海", "海上"),
            ("한", "하나"), ("か", "が"), ("1️⃣", "1"),
        ])
    func notFound(query: String, text: String) { #expect(!isFound(query, in: text)) }

    @Test("a word in full is told from the beginning of a longer one, and both from the middle")
    func whole() {
        #expect(isFound("order", in: "an Order!", isBeginning: false))
        #expect(!isFound("order", in: "orders", isBeginning: false))
        #expect(isFound("order", in: "orders and order", isBeginning: false))
        #expect(isFound("order", in: "orders"))
        #expect(isFound("天", in: "天気", isBeginning: false))
    }

    @Test(
        "a query without anything visible looks for nothing",
        arguments: ["", " \t\n", "\u{202E}", "\u{200D}\u{FE0F}", "\u{301}"])
    func empty(query: String) { #expect(SearchPattern(query) == nil) }

    @Test("only the first sixteen pieces count")
    func limit() { #expect(SearchPattern(String(repeating: "a ", count: 40))?.pieces.count == 16) }
}
