import ArgumentParser
import Chat
import ChatSession
import Terminal

/// `parley bench`: how long messages take here.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how long messages take against the desk that is configured.",
        discussion: """
            That many connections of your own account go into a presence channel of their own, presence-bench- and a \
            random number. In each round every one of them sends an event in its turn, and all others receive it: \
            measured are the times to every receiver and to the first of them. These are client events, which the engine \
            passes on: nothing is stored, no conversation is touched, nobody else sees it. A message of parley send is \
            stored before it is passed on, which adds one write to disk; --compare polling measures that too, since its \
            messages are stored. Engines allow each connection some ten client events a second, so a turn waits \
            where it would come too soon.

            --compare polling also sends messages to --peer (bench-peer unless set, who needs an account on a parley \
            serve desk) and lets that many clients ask for news every 5 seconds, and then by long polling, each \
            question being held by the desk until there is something; these messages stay in that one conversation.
            """)

    enum Comparison: String, CaseIterable, ExpressibleByArgument { case polling }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("How many connections.", valueName: "n"))
    var clients = 50
    @Option(help: ArgumentHelp("How often each of them sends.", valueName: "n"))
    var rounds = 100
    @Option(help: ArgumentHelp("Draw the histogram into this new file.", valueName: "file"))
    var svg: String?
    @Option(help: ArgumentHelp("Measure polling as well.", valueName: "what"))
    var compare: Comparison?
    @Option(help: ArgumentHelp("To whom the comparison's messages go.", valueName: "user"))
    var peer = "bench-peer"

    func run() throws {
        guard (2...1000).contains(clients) else { throw Failure(.usage, "--clients is \(clients); expected 2 to 1000") }
        guard (1...100_000).contains(rounds) else {
            throw Failure(.usage, "--rounds is \(rounds); expected 1 to 100000")
        }
        let other = try GlobalOptions.userID(peer, in: "--peer")
        if let svg { try SmallFile.insistOnNothing(at: svg) }
        let client = DeskClient(target: try Target(try global.settings()), timeout: .seconds(24 * 3600))
        defer { client.close() }
        let me = try client.identity()
        var report = try measure(client, me)
        if compare != nil { report.polling = try poll(client, me, other) }
        if let svg { try SmallFile.create(report.svg(), at: svg) }
        if output.json { return try Output.json(report.members) }
        for line in report.text(isUTF8: TerminalFacts.current().isUTF8) { try Output.line(line) }
    }

    private func measure(_ client: DeskClient, _ me: Identity) throws(Failure) -> BenchReport {
        let room = BenchRoom(count: clients, name: String(UInt32.random(in: 100_000...999_999)))
        defer { room.close() }
        let connecting = Progress("connecting")
        defer { connecting.end() }
        try room.open(client, me, within: .seconds(60)) { connecting.note($0, of: clients) }
        let progress = Progress("measuring")
        defer { progress.end() }
        var every: [Double] = []
        var first: [Double] = []
        // One client, ten events a second at most; with a little air.
        let spacing = Duration.milliseconds(112) / clients
        var next = Now.uptime
        for round in 0..<rounds {
            for index in 0..<clients {
                if next > Now.uptime { _ = client.pause(next - Now.uptime) }
                next = max(next, Now.uptime) + spacing
                let times = try room.turn(round * clients + index + 1, by: index, within: .seconds(10))
                let milliseconds = times.map { $0 / .milliseconds(1) }
                every += milliseconds
                if let least = milliseconds.min() { first.append(least) }
            }
            progress.note(round + 1, of: rounds)
        }
        return BenchReport(
            clients: clients, rounds: rounds, every: Latencies(every), first: Latencies(first),
            expected: clients * rounds * (clients - 1), received: every.count)
    }

    private func poll(
        _ client: DeskClient, _ me: Identity, _ peer: UserID
    ) throws(Failure) -> [(name: String, latencies: Latencies)] {
        let bench = PollingBench(client: client, identity: me, peer: peer, clients: min(clients, 50))
        var found: [(name: String, latencies: Latencies)] = []
        for (name, interval, messages): (String, Duration?, Int) in [
            ("polling_5s", .seconds(5), 12), ("long_polling", nil, 100),
        ] {
            let progress = Progress(name)
            defer { progress.end() }
            found.append((name, try bench.run(every: interval, messages: messages) { progress.note($0, of: messages) }))
        }
        return found
    }
}
