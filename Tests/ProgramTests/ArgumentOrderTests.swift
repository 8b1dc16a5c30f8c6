import Testing

@testable import parley

@Suite("arguments")
struct ArgumentOrderTests {
    @Test("options that stand before a command belong to it")
    func order() {
        let cases: [([String], [String])] = [
            (["--as", "bob", "who"], ["who", "--as", "bob"]),
            (["--url=http://x", "--as", "bob", "send", "al"], ["send", "--url=http://x", "--as", "bob", "al"]),
            (["who", "--as", "bob"], ["who", "--as", "bob"]), (["--as", "who"], ["--as", "who"]),
            (["--as", "bob"], ["--as", "bob"]), (["--nope", "who"], ["--nope", "who"]), ([], []),
        ]
        for (given, wanted) in cases { #expect(Parley.ordered(given) == wanted) }
    }

    @Test("every command says its name itself")
    func names() {
        #expect(!Parley.commandNames.isEmpty && Parley.commandNames.allSatisfy { !$0.isEmpty })
    }
}
