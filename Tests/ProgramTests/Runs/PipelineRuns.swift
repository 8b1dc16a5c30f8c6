import Foundation
import Testing

@testable import parley

extension Runs {
    @Suite("pipelines")
    struct PipelineRuns {
        /// Runs a line as a user's shell does, with `parley` on the path.
        private func shell(
            _ line: String, _ folder: TestFolder, environment: [String: String?] = [:]
        ) throws -> Program.Outcome {
            try Program.run(
                command: ["/bin/sh", "-c", line], home: folder.path,
                environment: Self.path(folder).merging(environment) { $1 })
        }

        private static func path(_ folder: TestFolder) throws -> [String: String?] {
            let bin = folder.path + "/bin"
            if !FileManager.default.fileExists(atPath: bin) {
                try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(atPath: bin + "/parley", withDestinationPath: Program.path)
            }
            return ["PATH": bin + ":/usr/bin:/bin"]
        }

        @Test("verbs work between other programs, and end quietly when nobody reads on")
        func pipes() throws {
            let folder = try TestFolder()
            let sent = try shell("printf 'one\\ntwo\\nthree\\n' | xargs -I{} parley send --as alice bob {}", folder)
            #expect(sent.code == 0, "\(sent)")
            let head = try shell("parley history --as alice bob --json | head -n 1", folder)
            #expect(head.code == 0 && head.lines.count == 1 && head.errors.isEmpty, "\(head)")
            let tail = try shell("parley tail --as alice bob --since 0 --json --timeout 10s | grep -m 1 three", folder)
            #expect(tail.output.contains("three") && tail.errors.isEmpty, "\(tail)")
            if FileManager.default.isExecutableFile(atPath: "/usr/bin/jq") {
                let texts = try shell("parley tail --as alice bob --since 0 --count 3 --json | jq -r .text", folder)
                #expect(texts.output.contains("two"), "\(texts)")
            }
        }

        @Test("verbs work as cron starts them: without HOME, TERM, LANG or stdin")
        func cron() throws {
            let folder = try TestFolder()
            let bare: [String: String?] = [
                "HOME": nil, "TERM": nil, "LANG": nil, "XDG_DATA_HOME": folder.path + "/d",
                "XDG_STATE_HOME": folder.path + "/s", "XDG_CONFIG_HOME": folder.path + "/c",
            ]
            let sent = try shell("parley send --as alice bob 'from cron' <&-", folder, environment: bare)
            #expect(sent.code == 0, "\(sent)")
            let history = try shell("parley history --as bob alice --json", folder, environment: bare)
            #expect(history.output.contains(#""automated":true"#), "\(history)")
            let doctor = try shell("parley doctor --as alice", folder, environment: bare)
            #expect(doctor.code == 0 && !doctor.output.contains("wrong"), "\(doctor)")
            for verb in [
                "who --all", "seen alice", "tail alice --since 0 --count 1", "sessions", "keys", "config",
                "export alice", "schema", "inspect --timeout 1s", "backup \(folder.path)/copy",
            ] {
                let outcome = try shell("PARLEY_USER=bob parley \(verb) <&-", folder, environment: bare)
                #expect(outcome.code == 0, "\(verb): \(outcome)")
            }
        }

        @Test("who reads late what tail prints gets all of it, in order")
        func lateReader() throws {
            let folder = try TestFolder()
            // More than a pipe takes before anybody reads.
            let long = try folder.write(String(repeating: "x", count: 7_900), to: "long")
            let sent = try shell(
                "for n in $(seq 25); do (printf 'n%s ' $n; cat \(long)) | parley send --as bob alice - || exit; done",
                folder)
            #expect(sent.code == 0, "\(sent)")
            let read = try shell(
                "parley tail bob --as alice --since 0 --json --count 26 |"
                    + " { parley send --as bob alice last >&2; grep -o '\"text\":\"[^ \"]*'; }", folder)
            #expect(
                read.lines.map { String($0.dropFirst(8)) } == (1...25).map { "n\($0)" } + ["last"], "\(read)")
        }

        @Test("the agent of README.md answers what it knows and hands over what it does not")
        func agent() throws {
            let room = try TerminalRoom()
            let script = try room.folder.write(try Document.block(below: "<!-- agent -->"), to: "agent", mode: 0o700)
            #expect(try String(contentsOfFile: script, encoding: .utf8).split(separator: "\n").count <= 60)
            let helen = try room.start("--as", "helen", "--with", "agent")
            try helen.waitFor("local desk (host)")
            let environment = try Self.path(room.folder).merging(["PARLEY_USER": "agent", "HUMAN": "helen"]) { $1 }
            let agent = try BackgroundVerb(command: [script], home: room.home, environment)
            defer { agent.kill() }
            try helen.waitFor("agent ● online")
            func say(_ text: String) throws {
                #expect(try room.run("send", "--as", "carol", "--no-automated", "agent", text).code == 0)
            }
            func heard(_ text: String) throws {
                let end = ContinuousClock.now + .seconds(20)
                while try !room.run("history", "--as", "carol", "agent").output.contains(text) {
                    guard .now < end else { throw RunError("the agent did not say: \(text)\n\(helen.picture.text)") }
                    try room.turn(until: .now + .milliseconds(50))
                }
            }
            try say("when are you open?")
            try heard("Monday to Friday")
            try say("my printer burns")
            try helen.waitFor("[2] not now", within: .seconds(20))
            try helen.type("\u{1B}q1")
            try heard("helen will write to you.")
            // From now on it keeps quiet.
            try say("open?")
            #expect(try room.run("history", "--as", "carol", "agent").lines.last?.hasSuffix("open?") == true)
        }
    }
}
