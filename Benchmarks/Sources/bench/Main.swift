import ChannelsProtocol
@preconcurrency import Glibc

/// `bench [PARLEY]`: the engine of `parley serve` as a process of its own, under load over loopback, beside a bare NIO
/// server that writes the same bytes; then the client's half without a socket.
/// `bench load [PARLEY] [--users 1000,5000] [--seconds 60]`: a whole desk with so many people.
/// `bench desk [PARLEY] [--messages 3000] [--authorizations 5000]`: what a message and an authorization cost a desk on
/// PostgreSQL before an engine elsewhere. Prints tables in Markdown.
@main
enum Main {
    static func main() {
        setvbuf(stdout, nil, _IOLBF, 0)
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        files.rlim_cur = files.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        signal(SIGPIPE, SIG_IGN)

        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch arguments.first {
            case "floor": try Floor.run()
            case "desk": try DeskCost.run(arguments.dropFirst())
            case "load": try LoadTest.run(LoadArguments(arguments.dropFirst()))
            default: try engine(built(arguments.first))
            }
        } catch {
            fputs("bench: \(error)\n", stderr)
            exit(70)
        }
    }

    /// The program to be measured.
    static func built(_ path: String?) -> String {
        let parley = path ?? ".build/release/parley"
        guard access(parley, X_OK) == 0 else {
            fputs("\(parley): is not built; swift build -c release --static-swift-stdlib --product parley\n", stderr)
            exit(66)
        }
        return parley
    }

    private static func engine(_ parley: String) throws {
        print("| subscribers | messages per request | server | deliveries/s | CPU µs per delivery | p50 ms | p99 ms |")
        print("|---|---|---|---|---|---|---|")
        for subscribers in [1, 100, 1_000] { for batch in [1, 10] { try compare(parley, subscribers, batch) } }

        print("\n| idle connections, each in one channel | engine's memory MiB | KiB per connection |")
        print("|---|---|---|")
        for connections in [1_000, 10_000] { try Idle.measure(parley, connections: connections) }

        print("")
        ClientHalf.measure()
    }

    /// The median of three runs of each, one after the other.
    private static func compare(_ parley: String, _ subscribers: Int, _ batch: Int) throws {
        var runs: (engine: [FanOut.Figures], floor: [FanOut.Figures]) = ([], [])
        for _ in 0..<3 {
            runs.engine.append(try FanOut.measure(EngineServer(parley), subscribers: subscribers, batch: batch))
            runs.floor.append(try FanOut.measure(FloorServer(), subscribers: subscribers, batch: batch))
        }
        let (engine, floor) = (FanOut.median(runs.engine), FanOut.median(runs.floor))
        print(engine.row("engine", subscribers, batch))
        print(floor.row("bare NIO", subscribers, batch))
        let ratio = FanOut.Figures(
            perSecond: 0, cpu: engine.cpu / floor.cpu, p50: batch == 1 ? engine.p50 / floor.p50 : 0,
            p99: batch == 1 ? engine.p99 / floor.p99 : 0)
        print(
            "| | | ratio | \(rounded(engine.perSecond / floor.perSecond, 2)) | \(rounded(ratio.cpu, 2)) "
                + (batch == 1 ? "| \(rounded(ratio.p50, 2)) | \(rounded(ratio.p99, 2)) |" : "| | |"))
    }
}
