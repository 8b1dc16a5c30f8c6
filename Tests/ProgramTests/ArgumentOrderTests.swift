import ArgumentParser
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
            (["--account", "work", "--as", "al", "who"], ["who", "--account", "work", "--as", "al"]),
            (["--as", "bob"], ["--as", "bob"]), (["--nope", "who"], ["--nope", "who"]), ([], []),
        ]
        for (given, wanted) in cases { #expect(Parley.ordered(given) == wanted) }
    }

    @Test("a command read alone is what the whole tree reads")
    func alone() throws {
        let lines = [
            [], ["--as", "bob", "--linear"], ["chat", "--with", "#lobby"], ["send", "bob", "help", "--timeout", "3s"],
            ["who", "--json", "--as=al"], ["tail", "bob", "--exec", "cat -n"], ["status", "--format", "{unseen}"],
        ]
        for line in lines {
            let read = try #require(Parley.alone(line), "\(line)")
            #expect("\(read)" == "\(try Parley.parseAsRoot(line))")
        }
    }

    @Test(
        "help, the version, mistakes and commands of commands need the whole tree",
        arguments: [
            ["--help"], ["-h"], ["help"], ["help", "send"], ["send", "--help"], ["send"], ["--version"], ["bogus"],
            ["who", "--version"], ["user", "list"], ["user"], ["--generate-completion-script", "zsh"],
        ])
    func whole(line: [String]) {
        #expect(Parley.alone(line) == nil)
    }

    @Test("every command says its name itself")
    func names() {
        #expect(!Parley.commandNames.isEmpty && Parley.commandNames.allSatisfy { !$0.isEmpty })
    }
}
