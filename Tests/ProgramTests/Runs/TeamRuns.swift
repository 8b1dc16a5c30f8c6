import Foundation
import TestPostgres
import Testing

extension Runs {
    @Suite("two desks on one PostgreSQL and one engine, behind a balancer")
    struct TeamRuns {
        private static let count = ProcessInfo.processInfo.environment["PARLEY_TEAM_MESSAGES"].flatMap(Int.init) ?? 40
        private static let users = ["ann", "ben", "cleo", "dan", "eve"]

        /// Each with the next.
        private static let pairs = zip(users, users.dropFirst() + users.prefix(1)).map { ($0, $1) }
        private static func aside(_ user: String, _ peer: String, _ number: Int) -> String {
            "to \(peer) from \(user) \(number)."
        }

        private let server: TestPostgres
        private let store: String
        private let folder: TestFolder

        init() throws {
            server = try TestPostgres.server()
            store = try server.database()
            folder = try TestFolder()
        }

        /// `PARLEY_TEAM_MESSAGES=500` says how many lines each of five people writes to all, and to the next of them.
        @Test("ten programs lose, repeat and reorder nothing while either desk and the engine are killed", .longRun)
        func killed() throws {
            var engine = try ServedDesk(try TestFolder())
            let config = "[desk]\nengine_url = \"\(engine.url)\"\nstore = \"\(store)\"\n"
            let enginePort = engine.port
            let engineFolder = try TestFolder()
            engine.kill()
            engine = try ServedDesk(engineFolder, port: enginePort)
            let folders = [try TestFolder(), try TestFolder()]
            var desks = try folders.map { try ServedDesk($0, config: config) }
            let ports = desks.map(\.port)
            let balancer = try Proxy(to: ports)
            defer {
                balancer.stop()
                (desks + [engine]).forEach { $0.kill() }
            }
            let url = "http://127.0.0.1:\(balancer.port)"
            var tails: [BackgroundVerb] = []
            var talkers: [LinearProgram] = []
            let total = Self.count * Self.users.count
            for user in Self.users {
                let token = try Program.add(user, folder, ["--store", store])
                let home = try folder.write("", to: "\(user)/home").dropLast("/home".count)
                tails.append(
                    try BackgroundVerb(
                        command: [
                            Program.path, "tail", "#lobby", "--json", "--since", "0", "--count", "\(total)",
                            "--timeout",
                            "\(60 + total / 5)s", "--url", url,
                        ], home: home + "-tail", ["PARLEY_TOKEN": token]))
                talkers.append(
                    try LinearProgram(
                        ["--with", "#lobby", "--url", url],
                        environment: Program.environment(home: String(home), ["PARLEY_TOKEN": token]),
                        errors: home + "/errors"))
            }
            // What was written before is told as unseen, and not line by line.
            for talker in talkers { try talker.waitFor("Nothing is unseen.", beside: talkers) }
            for number in 1...Self.count {
                for (talker, (user, peer)) in zip(talkers, Self.pairs) {
                    let lines = "\(user) \(number)\n/msg \(peer) \(Self.aside(user, peer, number))\n"
                    #expect(talker.type(lines) == lines.utf8.count)
                    talker.read(within: .milliseconds(10))
                }
                if number == 1 { try tails[0].waitForOutput("ann 1") }
                switch number * 8 / Self.count {
                case 1 where !desks[0].isReaped && desks[0].port == ports[0] && number * 8 % Self.count < 8:
                    desks[0].kill()
                case 3 where desks[0].isReaped: desks[0] = try ServedDesk(folders[0], config: config, port: ports[0])
                case 4 where number * 8 % Self.count < 8:
                    engine.kill()
                    engine = try ServedDesk(engineFolder, port: enginePort)
                case 5 where !desks[1].isReaped: desks[1].kill()
                case 7 where desks[1].isReaped: desks[1] = try ServedDesk(folders[1], config: config, port: ports[1])
                default: break
                }
            }
            let limit = ContinuousClock.now + .seconds(60 + total / 5)
            let asides = Self.pairs.map { user, peer in (1...Self.count).map { Self.aside(user, peer, $0) } }
            // Who is written to is one further.
            func hears(_ index: Int) -> String { talkers[(index + 1) % talkers.count].output }
            func haveHeard() -> Bool {
                asides.indices.allSatisfy { hears($0).contains("\(asides[$0][Self.count - 1])\n") }
            }
            while !(tails.allSatisfy(\.hasEnded) && haveHeard()), .now < limit {
                for talker in talkers { talker.read(within: .milliseconds(10)) }
            }
            var told: [[String]] = []
            for tail in tails {
                let outcome = try tail.waitForEnd()
                #expect(outcome.code == 0, "\(outcome.errors)")
                told.append(
                    outcome.lines.filter { $0.contains("\"type\":\"message\"") }.compactMap { line in
                        line.components(separatedBy: "\"text\":\"").last?.components(separatedBy: "\"").first
                    })
            }
            let all = try server.sql("SELECT text FROM messages ORDER BY seq", in: TestPostgres.name(store))
                .split(separator: "\n").map(String.init)
            #expect(all.count == 2 * total)
            for (index, lines) in asides.enumerated() {
                #expect(all.filter { lines.contains($0) } == lines)
                let heard = hears(index).split(separator: "\n").compactMap { line in
                    lines.first { line.hasSuffix(": " + $0) }
                }
                #expect(heard == lines)
            }
            let stored = all.filter { !$0.hasPrefix("to ") }
            for user in Self.users {
                #expect(stored.filter { $0.hasPrefix(user + " ") } == (1...Self.count).map { "\(user) \($0)" })
            }
            for lines in told { #expect(lines == stored) }
            let numbers = try server.sql(
                "SELECT min(seq), max(seq), count(DISTINCT seq) FROM messages WHERE text NOT LIKE 'to %'",
                in: TestPostgres.name(store))
            #expect(numbers == "1\t\(total)\t\(total)")
        }

        @Test(
            "a desk that is frozen while it publishes is replaced, and repeats nothing to people when it goes on",
            .longRun)
        func frozen() throws {
            let engine = try ServedDesk(try TestFolder())
            let config = "[desk]\nengine_url = \"\(engine.url)\"\nstore = \"\(store)\"\n"
            let first = try ServedDesk(try TestFolder(), config: config)
            defer { [engine, first].forEach { $0.kill() } }
            try waitForPublisher { $0 != "" }
            let publisher = try self.publisher()
            let second = try ServedDesk(try TestFolder(), config: config)
            defer { second.kill() }
            func user(_ id: String) throws -> [String: String?] {
                ["PARLEY_TOKEN": try Program.add(id, folder, ["--store", store])]
            }
            let (ann, ben) = (try user("ann"), try user("ben"))
            let tail = try BackgroundVerb(
                folder: folder,
                ["tail", "#lobby", "--json", "--since", "0", "--count", "9", "--timeout", "90s", "--url", second.url],
                ben)
            let frames = try BackgroundVerb(
                folder: try TestFolder(), ["inspect", "--json", "--present", "--timeout", "90s", "--url", second.url],
                ben)
            func say(_ text: String, at desk: ServedDesk) throws {
                let outcome = try Program.run(
                    ["send", "#lobby", text, "--url", desk.url], home: folder.path, environment: ann)
                #expect(outcome.code == 0, "\(outcome)")
            }
            try frames.waitForOutput(
                #""event":"pusher_internal:subscription_succeeded","channel":"presence-lobby""#)
            try say("line 1", at: first)
            try tail.waitForOutput("line 1")
            try frames.waitForOutput("line 1")
            // The engine does not answer: one event is on its way, and the next wait for it in the desk's memory.
            Foundation.kill(engine.pid, SIGSTOP)
            for number in 2...4 { try say("line \(number)", at: first) }
            Foundation.kill(first.pid, SIGSTOP)
            Foundation.kill(engine.pid, SIGCONT)
            for number in 5...6 { try say("line \(number)", at: second) }
            try tail.waitForOutput("line 6", within: .seconds(60))
            #expect(try self.publisher() != publisher)
            Foundation.kill(first.pid, SIGCONT)
            for number in 7...9 { try say("line \(number)", at: number == 8 ? second : first) }
            let outcome = try tail.waitForEnd(within: .seconds(60))
            #expect(outcome.code == 0, "\(outcome)")
            let texts = outcome.lines.compactMap { line in
                line.components(separatedBy: "\"text\":\"").dropFirst().first?.prefix { $0 != "\"" }
            }
            #expect(texts == (1...9).map { "line \($0)" })
            try frames.waitForOutput("line 9")
            let seen = try frames.output()
            // What was on its way when it was frozen, and never answered, is all that may come again.
            for number in 3...9 { #expect(seen.components(separatedBy: "line \(number)").count == 2, "\(seen)") }
        }

        /// The server's number for the desk that publishes; empty where there is none.
        private func publisher() throws -> String {
            try server.sql(
                "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND objsubid = 2 AND granted AND database"
                    + " = (SELECT oid FROM pg_database WHERE datname = current_database())",
                in: TestPostgres.name(store))
        }

        private func waitForPublisher(_ isThere: (String) -> Bool) throws {
            let limit = ContinuousClock.now + .seconds(30)
            while try !isThere(publisher()) {
                guard .now < limit else { throw RunError("nobody publishes") }
                poll(nil, 0, 20)
            }
        }

        @Test("where libpq cannot be loaded it is said what to install, and no desk starts")
        func withoutLibrary() throws {
            let libraries = try folder.write("", to: "libraries/libpq.so.5").dropLast("/libpq.so.5".count)
            let environment = ["LD_LIBRARY_PATH": String(libraries)]
            for arguments in [
                ["serve", "--listen", "127.0.0.1:0", "--data", folder.path + "/desk"], ["user", "list"],
            ] {
                let outcome = try Program.run(
                    arguments + ["--store", "postgres://me@db/desk"], home: folder.path, environment: environment)
                #expect(outcome.code == 78 && outcome.output == "", "\(outcome)")
                #expect(outcome.errors.contains("libpq is not installed") && outcome.errors.contains("libpq5"))
                #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
            }
        }

        @Test(
            "a password is told nowhere: not in settings, errors, log or the list of processes; as an argument it is refused"
        )
        func password() throws {
            let url = "postgres://guarded:s3cret@127.0.0.1:1/desk"
            let environment = ["PARLEY_STORE_URL": url]
            let shown = try Program.run(["config", "--print"], home: folder.path, environment: environment)
            #expect(shown.output.contains("desk.store = \"postgres://guarded@127.0.0.1:1/desk\""))
            let serve = try Program.run(
                ["serve", "--listen", "127.0.0.1:0", "--data", folder.path + "/desk"], home: folder.path,
                environment: environment)
            #expect(serve.code == 69 && serve.errors.contains("PostgreSQL cannot be reached"), "\(serve)")
            let flag = try Program.run(
                ["serve", "--listen", "127.0.0.1:0", "--data", folder.path + "/desk", "--store", url], home: folder.path
            )
            #expect(flag.code == 64 && flag.errors.contains("PARLEY_STORE_URL"), "\(flag)")
            let file = try folder.write("[desk]\nstore = \"\(url)\"\n", to: "c.toml")
            let kept = try Program.run(["config", "--check", "--config", file], home: folder.path)
            #expect(kept.code == 78 && kept.errors.contains("desk.store has a password"), "\(kept)")
            let backup = try Program.run(["backup", "x.sqlite"], home: folder.path, environment: environment)
            #expect(backup.code == 78 && backup.errors.contains("pg_dump"), "\(backup)")
            let malformed = try Program.run(["user", "list", "--store", "mysql:s3cret"], home: folder.path)
            #expect(malformed.code == 64 && malformed.errors.contains("is no URL of PostgreSQL"), "\(malformed)")
            for outcome in [shown, serve, flag, kept, backup, malformed] {
                #expect(!(outcome.output + outcome.errors).contains("s3cret"))
            }
            let log =
                (try? String(contentsOfFile: folder.path + "/.local/state/parley/parley.log", encoding: .utf8)) ?? ""
            #expect(!log.contains("s3cret"))
        }

        @Test("a second desk with an engine of its own is refused, and accounts are kept in the store")
        func alone() throws {
            let desk = try ServedDesk(try TestFolder(), config: "[desk]\nstore = \"\(store)\"\n")
            defer { desk.kill() }
            let second = try Program.run(
                ["serve", "--listen", "127.0.0.1:0", "--data", folder.path + "/desk", "--store", store],
                home: folder.path)
            #expect(second.code == 69 && second.errors.contains("--engine-url"), "\(second)")
            func user(_ arguments: String...) throws -> Program.Outcome {
                try Program.run(["user"] + arguments + ["--store", store], home: folder.path)
            }
            let token = try user("add", "alice").output.trimmingCharacters(in: .newlines)
            let who = try Program.run(
                ["who", "--all", "--url", desk.url], home: folder.path, environment: ["PARLEY_TOKEN": token])
            #expect(who.code == 0, "\(who)")
            #expect(try user("token", "alice").code == 0)
            #expect(try user("list").output == "alice\n")
            let old = try Program.run(
                ["who", "--all", "--url", desk.url], home: folder.path, environment: ["PARLEY_TOKEN": token])
            #expect(old.code == 77)
            #expect(try user("remove", "alice").code == 0)
            #expect(try user("list").output == "")
            #expect(try user("remove", "alice").code == 67)
        }
    }
}
