import Foundation
import Testing

/// Alice writes numbered lines to bob while the desk they use is ended and started again.
struct RestartTalk {
    static let count = 90

    let bobHome: TestFolder
    let bobToken: String

    /// Bob's program has to tell every line once and in its place.
    ///
    /// - Parameter disturb: called after each line, with its number.
    init(on desk: ServedDesk, in folder: TestFolder, disturb: (Int) throws -> Void) throws {
        let url = desk.url
        let alice = try Program.add("alice", folder)
        bobToken = try Program.add("bob", folder)
        bobHome = try TestFolder()
        let tail = try BackgroundVerb(
            folder: bobHome,
            ["tail", "alice", "--json", "--since", "0", "--count", "\(Self.count)", "--timeout", "90s", "--url", url],
            ["PARLEY_TOKEN": bobToken])
        let talker = try LinearProgram(
            ["--with", "bob", "--url", url],
            environment: Program.environment(home: folder.path, ["PARLEY_TOKEN": alice]),
            errors: folder.path + "/talker")
        for number in 1...Self.count {
            let line = "line \(number)\n"
            #expect(talker.type(line) == line.utf8.count)
            talker.read(within: .milliseconds(20))
            if number == 1 { try tail.waitForOutput("line 1") }
            try disturb(number)
        }
        let limit = ContinuousClock.now + .seconds(90)
        while !tail.hasEnded, .now < limit { talker.read(within: .milliseconds(50)) }
        let outcome = try tail.waitForEnd()
        #expect(outcome.code == 0, "\(outcome)")
        let said = outcome.lines.filter { $0.contains("\"type\":\"message\"") }.compactMap { line in
            line.components(separatedBy: "\"text\":\"").last?.components(separatedBy: "\"").first
        }
        #expect(said == (1...Self.count).map { "line \($0)" }, "\(said)")
    }
}
