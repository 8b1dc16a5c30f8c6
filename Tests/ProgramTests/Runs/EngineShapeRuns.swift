import ChannelsProtocol
import Foundation
import Testing

extension Runs {
    /// Against engines that answer as soketi, Reverb and sockudo do, in an application whose ids are numbers.
    @Suite("parley with other engines' shapes")
    struct EngineShapeRuns {
        private let folder: TestFolder

        init() throws { folder = try TestFolder() }

        /// A folder and a config for one user of the engine's application.
        private func home(_ user: String, _ engine: FakeEngine, key: String = "testkey") throws -> String {
            try folder.write(
                """
                user = "\(user)"
                token_command = "echo \(user)"
                [channels]
                key = "\(key)"
                host = "127.0.0.1"
                port = \(engine.port)
                tls = false
                auth_endpoint = "http://127.0.0.1:\(engine.port)/auth"
                """, to: "\(key)/\(user)/.config/parley/config.toml")
            return "\(folder.path)/\(key)/\(user)"
        }

        private func talker(_ user: String, with peer: String, _ engine: FakeEngine) throws -> LinearProgram {
            let home = try home(user, engine)
            return try LinearProgram(
                ["--with", peer], environment: Program.environment(home: home), errors: home + "/errors")
        }

        /// Waits for what the engine counts, while the programs are read.
        private func wait(_ programs: [LinearProgram], _ isThere: () -> Bool) throws {
            let limit = ContinuousClock.now + .seconds(30)
            while !isThere() {
                guard .now < limit else { throw RunError(programs.map(\.output).joined(separator: "\n---\n")) }
                for program in programs { program.read(within: .milliseconds(20)) }
            }
        }

        @Test(
            "two find each other, talk, answer pings, pass over errors, and come back when the engine stops",
            arguments: EngineShape.all)
        func talk(shape: EngineShape) throws {
            let engine = try FakeEngine(shape)
            let three = try talker("3", with: "17", engine)
            try three.waitFor("You are now writing to 17.")
            try wait([three]) { engine.connected == 1 }
            let found = try Program.run(["who", "--json"], home: try home("17", engine))
            #expect(found.code == 0 && found.output.contains(#""id":"3","name":"3","online":true"#), "\(found)")
            let seventeen = try talker("17", with: "3", engine)
            try three.waitFor("Number 17 is online.", beside: [seventeen])
            _ = seventeen.type("hello\n")
            try three.waitFor("Number 17: hello", beside: [seventeen])
            try seventeen.waitFor("You to 3: hello (sent)", beside: [three])
            engine.say(.ping)
            try wait([three, seventeen]) { engine.pongs == 2 }
            for error in shape.errors { engine.say(.error(code: error.code, message: error.message, channel: nil)) }
            _ = three.type("still here\n")
            try seventeen.waitFor("3: still here", beside: [three])
            #expect(engine.connected == 2)
            for (word, leave) in [("again", engine.stop), ("after all", engine.prune)] {
                let before = engine.greeted
                leave()
                try wait([three, seventeen]) { engine.greeted >= before + 2 && engine.connected == 2 }
                _ = seventeen.type("\(word)\n")
                try three.waitFor("Number 17: \(word)", beside: [seventeen])
                try seventeen.waitFor("You to 3: \(word) (sent)", beside: [three])
            }
            for text in ["Number 17: hello", "Number 17: again", "Number 17: after all"] {
                #expect(three.output.components(separatedBy: text).count == 2, "\(three.output)")
            }
        }

        @Test(
            "who lists those too whose ids are none here, and says that no chat is possible", arguments: EngineShape.all
        )
        func strangers(shape: EngineShape) throws {
            let engine = try FakeEngine(shape)
            engine.admit(Member(id: "user:5", info: ["name": "Zoë \u{202E}"]), to: "presence-lobby")
            engine.admit(Member(id: "8", info: ["name": "Eight"]), to: "presence-lobby")
            let home = try home("3", engine)
            let found = try Program.run(["who", "--json"], home: home)
            #expect(found.code == 0 && found.output.contains(#""id":"8","name":"Eight","online":true"#), "\(found)")
            #expect(
                found.output.contains(#""id":"user:5","name":"Zoë \u202e","online":true,"unseen":0,"no_chat":"a u"#))
            #expect(found.output.split(separator: "\n").count == 2)
            try SchemaCheck.expect(found.output, fits: "who")
            let lines = try Program.run(["who"], home: home)
            #expect(lines.output.contains("(no chat possible)") && !lines.output.contains("\u{202E}"), "\(lines)")
        }

        @Test(
            "a roster is whole also where the ids count from 0, and where only its ids are told",
            arguments: EngineShape.all)
        func countedIDs(shape: EngineShape) throws {
            let engine = try FakeEngine(shape)
            for id in 0...2 { engine.admit(Member(id: "\(id)", info: ["name": "N\(id)"]), to: "presence-lobby") }
            let found = try Program.run(["who", "--json"], home: try home("3", engine))
            for id in 0...2 { #expect(found.output.contains(#""id":"\#(id)","name":"N\#(id)""#), "\(found)") }
            #expect(found.output.split(separator: "\n").count == 3)
        }

        @Test(
            "people of a desk in front of such an engine lose and repeat nothing while it sends them away", .longRun,
            arguments: EngineShape.all)
        func desk(shape: EngineShape) throws {
            let engine = try FakeEngine(shape)
            let desk = try ServedDesk(folder, config: "[desk]\nengine_url = \"http://127.0.0.1:\(engine.port)\"\n")
            defer { desk.kill() }
            let tokens = try ["3", "17"].map { user in
                try Program.add(user, folder, ["--name", "Number \(user)", "--data", folder.path + "/desk"])
            }
            func talker(_ user: String, with peer: String, _ token: String) throws -> LinearProgram {
                let home = try folder.write("", to: "people/\(user)/errors").dropLast("/errors".count)
                return try LinearProgram(
                    ["--with", peer, "--url", desk.url],
                    environment: Program.environment(home: String(home), ["PARLEY_TOKEN": token]),
                    errors: home + "/errors")
            }
            let three = try talker("3", with: "17", tokens[0])
            try wait([three]) { engine.connected == 1 }
            let seventeen = try talker("17", with: "3", tokens[1])
            try three.waitFor("Number 17 is online.", beside: [seventeen])
            _ = seventeen.type("hello\n")
            try three.waitFor("Number 17: hello", beside: [seventeen])
            for (word, leave) in [("again", engine.stop), ("after all", engine.prune)] {
                let before = engine.greeted
                leave()
                _ = seventeen.type("\(word)\n")
                try three.waitFor("Number 17: \(word)", beside: [seventeen])
                try wait([three, seventeen]) { engine.greeted >= before + 2 && engine.connected == 2 }
            }
            for text in ["Number 17: hello", "Number 17: again", "Number 17: after all"] {
                #expect(three.output.components(separatedBy: text).count == 2, "\(three.output)")
            }
        }

        @Test("where client events are not allowed it is said once, and nothing waits", arguments: EngineShape.all)
        func clientEventsOff(shape: EngineShape) throws {
            let engine = try FakeEngine(shape)
            engine.change { $0.refusesClientEvents = true }
            let three = try talker("3", with: "17", engine)
            try three.waitFor("You are now writing to 17.")
            let seventeen = try talker("17", with: "3", engine)
            try three.waitFor("Number 17 is online.", beside: [seventeen])
            _ = three.type("one\ntwo\n")
            try three.waitFor("Not sent to Number 17: one.", beside: [seventeen])
            #expect(three.output.components(separatedBy: "its owner can allow them").count == 2, "\(three.output)")
            #expect(three.output.contains(shape.clientEventsOff))
            // A pipe ends with the first line that cannot be sent.
            #expect(three.output.lowercased().components(separatedBy: "not sent to number 17").count == 2)
        }

        @Test("a wrong signature and an unknown key are named by the doctor", arguments: EngineShape.all)
        func refused(shape: EngineShape) throws {
            let engine = try FakeEngine(shape)
            let unknown = try Program.run(["doctor"], home: try home("3", engine, key: "otherkey"))
            #expect(unknown.code == 69 && unknown.output.contains("4001"), "\(unknown)")
            #expect(unknown.output.contains("set channels.key"))
            engine.change { $0.refusesSignatures = true }
            let wrong = try Program.run(["doctor"], home: try home("3", engine))
            #expect(wrong.code == 69 && wrong.output.contains("presence-lobby: the engine refused"), "\(wrong)")
            #expect(wrong.output.contains("signs with another secret"))
        }

        @Test(
            "a key that the engine does not know ends the client's tries, with the reason", arguments: EngineShape.all)
        func unknownKey(shape: EngineShape) throws {
            let engine = try FakeEngine(shape)
            let home = try home("3", engine, key: "otherkey")
            let tail = try Program.run(["tail", "--timeout", "20s"], home: home, within: .seconds(30))
            #expect(tail.code == 77 && tail.errors.contains("4001"), "\(tail)")
        }
    }
}
