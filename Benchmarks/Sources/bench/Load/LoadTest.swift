/// `bench load`: a desk with so many people, as they come, talk, and come back after all were cut off.
enum LoadTest {
    /// Of people who connect.
    private static let perSecond = 100.0
    /// The most a phase takes.
    private static let limit = 300.0

    static func run(_ arguments: LoadArguments) throws {
        print(Tally.header)
        for count in arguments.users {
            let crowd = try Crowd(EngineServer(arguments.parley), users: count)
            try measure(crowd, "connect, 100/s") {
                let plan: Crowd.Plan = crowd.users.indices.map { (Double($0) / perSecond, $0, .come) }
                try crowd.follow(plan, atMost: limit) { crowd.users.allSatisfy(\.isHere) && crowd.isReady }
            }
            try measure(crowd, "traffic") {
                try crowd.follow(
                    messages(of: crowd, seconds: arguments.seconds) + visits(of: crowd, seconds: arguments.seconds),
                    atMost: arguments.seconds)
            }
            try measure(crowd, "all cut, all back") {
                for user in crowd.users { user.cut() }
                try crowd.follow(messages(of: crowd, seconds: limit), atMost: limit) { crowd.isReady }
            }
        }
    }

    /// Runs a phase and prints its row.
    private static func measure(_ crowd: Crowd, _ phase: String, _ work: () throws -> Void) throws {
        crowd.tally = Tally()
        let used = try Usage.during(crowd.server.process, work)
        let late = crowd.users.count { $0.waitsSince != nil }
        let frames = (crowd.tally.frames, crowd.tally.bytes)
        try crowd.settle()
        (crowd.tally.frames, crowd.tally.bytes) = frames
        let name = late == 0 ? phase : "\(phase) (\(late) not ready)"
        print(row([String(crowd.users.count), name] + crowd.tally.cells(used, lost: crowd.missing)))
    }

    /// One message of everybody in each minute, at a random moment.
    private static func messages(of crowd: Crowd, seconds: Double) -> Crowd.Plan {
        stride(from: 0, to: seconds, by: 60).flatMap { minute -> Crowd.Plan in
            crowd.users.indices.map { (minute + .random(in: 0..<60), $0, .say) }.filter { $0.0 < seconds }
        }
    }

    /// One of a hundred in each minute goes, and comes back some seconds later.
    private static func visits(of crowd: Crowd, seconds: Double) -> Crowd.Plan {
        let gone = crowd.users.indices.shuffled().prefix(Int(Double(crowd.users.count) * seconds / 6_000))
        return gone.flatMap { user -> Crowd.Plan in
            let at = Double.random(in: 0..<max(1, seconds - 10))
            return [(at, user, .leave), (at + .random(in: 2..<8), user, .come)]
        }
    }
}

/// `[PARLEY] [--users 1000,5000] [--seconds 60]`
struct LoadArguments {
    private(set) var parley: String
    private(set) var users = [1_000, 5_000]
    private(set) var seconds = 60.0

    init(_ words: ArraySlice<String>) throws {
        var path: String?
        var words = words
        while let word = words.popFirst() {
            switch word {
            case "--users":
                users = try (words.popFirst() ?? "").split(separator: ",").map { text in
                    guard let count = Int(text), count > 0, count.isMultiple(of: 2) else {
                        throw BenchError("--users: \"\(text)\" is no even number; two and two talk")
                    }
                    return count
                }
            case "--seconds":
                guard let given = words.popFirst().flatMap(Double.init), given > 0 else {
                    throw BenchError("--seconds needs a number")
                }
                seconds = given
            default: path = word
            }
        }
        parley = Main.built(path)
    }
}
