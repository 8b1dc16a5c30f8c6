import Foundation
import Testing

extension Runs {
    @Suite("parley serve in front of an engine elsewhere")
    struct ElsewhereRuns {
        @Test("killed, and its engine killed, while people talk: every line comes once and in its place")
        func killed() throws {
            let (engineFolder, deskFolder) = (try TestFolder(), try TestFolder())
            var engine = try ServedDesk(engineFolder)
            let enginePort = engine.port
            let config = "[desk]\nengine_url = \"\(engine.url)\"\n"
            var desk = try ServedDesk(deskFolder, config: config)
            defer {
                desk.kill()
                engine.kill()
            }
            let (port, url) = (desk.port, desk.url)
            func token(_ user: String) throws -> String {
                try Program.run(
                    ["user", "add", user, "--data", deskFolder.path + "/desk"], home: deskFolder.path
                ).output.trimmingCharacters(in: .newlines)
            }
            let (alice, bob) = (try token("alice"), try token("bob"))
            let count = 90
            let bobHome = try TestFolder()
            let tail = try BackgroundVerb(
                folder: bobHome,
                ["tail", "alice", "--json", "--since", "0", "--count", "\(count)", "--timeout", "90s", "--url", url],
                ["PARLEY_TOKEN": bob])
            let talker = try LinearProgram(
                ["--with", "bob", "--url", url],
                environment: Program.environment(home: deskFolder.path, ["PARLEY_TOKEN": alice]),
                errors: deskFolder.path + "/talker")
            for number in 1...count {
                let line = "line \(number)\n"
                #expect(talker.type(line) == line.utf8.count)
                talker.read(within: .milliseconds(20))
                if number == 1 { try tail.waitForOutput("line 1") }
                if number == 20 || number == 70 {
                    desk.kill()
                    desk = try ServedDesk(deskFolder, config: config, port: port)
                }
                if number == 45 {
                    engine.kill()
                    engine = try ServedDesk(engineFolder, port: enginePort)
                }
            }
            let limit = ContinuousClock.now + .seconds(90)
            while !tail.hasEnded, .now < limit { talker.read(within: .milliseconds(50)) }
            let outcome = try tail.waitForEnd()
            #expect(outcome.code == 0, "\(outcome)")
            let said = outcome.lines.filter { $0.contains("\"type\":\"message\"") }.compactMap { line in
                line.components(separatedBy: "\"text\":\"").last?.components(separatedBy: "\"").first
            }
            #expect(said == (1...count).map { "line \($0)" }, "\(said)")
            let history = try Program.run(
                ["history", "alice", "--limit", "200", "--json", "--url", url], home: bobHome.path,
                environment: ["PARLEY_TOKEN": bob])
            #expect(history.lines.count == count)
            #expect(history.lines.enumerated().allSatisfy { $1.contains("\"seq\":\($0 + 1),") })
        }
    }
}
