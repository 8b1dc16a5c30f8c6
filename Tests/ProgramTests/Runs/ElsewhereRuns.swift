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
            let talk = try RestartTalk(on: desk, in: deskFolder) { number in
                if number == 20 || number == 70 {
                    desk.kill()
                    desk = try ServedDesk(deskFolder, config: config, port: port)
                }
                if number == 45 {
                    engine.kill()
                    engine = try ServedDesk(engineFolder, port: enginePort)
                }
            }
            let history = try Program.run(
                ["history", "alice", "--limit", "200", "--json", "--url", url], home: talk.bobHome.path,
                environment: ["PARLEY_TOKEN": talk.bobToken])
            #expect(history.lines.count == RestartTalk.count)
            #expect(history.lines.enumerated().allSatisfy { $1.contains("\"seq\":\($0 + 1),") })
        }
    }
}
