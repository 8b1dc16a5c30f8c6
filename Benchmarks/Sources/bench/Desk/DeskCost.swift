import ChannelsProtocol
import Glibc

/// `bench desk`: what a message and an authorization cost a desk, its PostgreSQL and the engine it publishes to, each a
/// process of its own. CPU time, so what else runs on the machine matters little.
enum DeskCost {
    private static let people = 40
    /// Calls at one time.
    private static let seats = 8

    static func run(_ words: ArraySlice<String>) throws {
        var path: String?
        var (messages, authorizations) = (3_000, 5_000)
        var words = words
        while let word = words.popFirst() {
            switch word {
            case "--messages": messages = try count(word, words.popFirst())
            case "--authorizations": authorizations = try count(word, words.popFirst())
            default: path = word
            }
        }
        let parley = Main.built(path)
        print("| what | at one time | number | CPU ms of the desk | of PostgreSQL | of the engine | a second |")
        print("|---|---|---|---|---|---|---|")
        let engine = try EngineServer(parley)
        let postgres = try PostgresServer()
        let desk = try CostDesk(parley, engine: engine, store: postgres.url, people: people)
        // Connections are made, statements prepared.
        try desk.messages(500, seats: seats)
        try desk.authorizations(500, seats: seats)
        for (what, number, work) in [
            ("message", messages, desk.messages), ("authorization", authorizations, desk.authorizations),
        ] {
            for seats in [1, seats] {
                let before = (desk.process.cpu, postgres.cpu, engine.process.cpu)
                let start = now()
                try work(number, seats)
                let seconds = now() - start
                try desk.settle()
                func each(_ after: Double, _ before: Double) -> String {
                    rounded((after - before) * 1000 / Double(number), 2)
                }
                print(
                    row([
                        what, "\(seats)", "\(number)", each(desk.process.cpu, before.0), each(postgres.cpu, before.1),
                        each(engine.process.cpu, before.2), rounded(Double(number) / seconds, 0),
                    ]))
            }
        }
    }

    private static func count(_ name: String, _ word: String?) throws -> Int {
        guard let count = word.flatMap({ Int($0) }), count > 0 else { throw BenchError("\(name) needs a number") }
        return count
    }
}

/// A desk on PostgreSQL before an engine elsewhere, with accounts.
final class CostDesk {
    let process: ChildProcess
    private let wires: Wires
    private var pools: [Int: CallPool] = [:]
    private let ids: [String]
    private let tokens: [String]
    private var said = 0

    init(_ parley: String, engine: EngineServer, store: String, people: Int) throws {
        var template = Array("/tmp/bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw BenchError("no temporary folder") }
        let folder = String(cString: made)
        let environment = [
            "HOME=\(folder)", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "PARLEY_APP_SECRET=\(engine.secret)",
        ]
        process = try ChildProcess(
            [
                parley, "serve", "--listen", "127.0.0.1:0", "--data", folder, "--store", store, "--engine-url",
                "http://127.0.0.1:\(engine.port)", "--app-id", engine.id, "--app-key", engine.key,
            ], folder: folder, environment: environment)
        wires = Wires(port: try process.port())
        ids = (0..<people).map { "user\(100 + $0)" }
        tokens = try ids.map { id in
            let call = try ChildProcess(
                [parley, "user", "add", id, "--store", store], folder: nil, environment: environment)
            let token = call.line()
            guard !token.isEmpty, !token.contains(" ") else { throw BenchError("user add said \"\(token)\"") }
            return token
        }
    }

    /// Everybody writes to one other in turn.
    func messages(_ count: Int, seats: Int) throws {
        try calls(count, seats) { [ids, tokens] number in
            self.said += 1
            let user = number % ids.count
            let body: JSON = [
                "client_id": .string("cost-\(self.said)"),
                "text": .string("message \(self.said), and this line has some seventy letters in it"),
            ]
            return (
                "/api/conversations/\(ids[user ^ 1])/messages", tokens[user], "application/json", body.text, 201
            )
        }
    }

    /// Of the lobby, the inbox and a conversation, as a program asks for them that connects.
    func authorizations(_ count: Int, seats: Int) throws {
        try calls(count, seats) { [ids, tokens] number in
            let user = number % ids.count
            let (id, peer) = (ids[user], ids[user ^ 1])
            let channels = [
                "presence-lobby", "private-user-\(id)", "private-chat-\(min(id, peer))-\(max(id, peer))",
            ]
            let form = "socket_id=\(number + 1).\(user + 1)&channel_name=\(channels[number % 3])"
            return ("/pusher/auth", tokens[user], "application/x-www-form-urlencoded", form, 200)
        }
    }

    private typealias Call = (path: String, token: String, type: String, body: String, status: Int)

    private func calls(_ count: Int, _ seats: Int, _ make: (Int) -> Call) throws {
        let pool = pools[seats] ?? CallPool(wires, seats: seats)
        pools[seats] = pool
        var (begun, done) = (0, 0)
        var failure: String?
        while done < count {
            while begun < count, pool.open < seats {
                let call = make(begun)
                begun += 1
                pool.call("POST", call.path, token: call.token, type: call.type, body: call.body) { answer in
                    done += 1
                    guard answer?.status != call.status else { return }
                    failure = "\(call.path): answered \(answer.map { "\($0.status)" } ?? "nothing")"
                }
            }
            wires.turn(atMost: 0.05)
            if let failure { throw BenchError(failure) }
            try process.expectRunning()
        }
    }

    /// Waits until the desk has published all and does nothing more.
    func settle() throws {
        var before = -1.0
        while case let used = process.cpu, used != before {
            before = used
            let end = now() + 1
            while now() < end { wires.turn(atMost: 0.1) }
        }
    }
}
