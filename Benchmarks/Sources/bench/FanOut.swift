import Glibc

/// One channel, so many subscribers, messages of 300 bytes.
enum FanOut {
    struct Figures {
        var perSecond: Double
        /// µs of the server for one delivery.
        var cpu: Double
        var p50: Double
        var p99: Double

        func row(_ name: String, _ subscribers: Int, _ batch: Int) -> String {
            "| \(subscribers) | \(batch) | \(name) | \(rounded(perSecond, 0)) | \(rounded(cpu, 2)) "
                + (p50 == 0 ? "| | |" : "| \(rounded(p50, 2)) | \(rounded(p99, 2)) |")
        }
    }

    static func median(_ runs: [Figures]) -> Figures {
        func middle(_ value: (Figures) -> Double) -> Double { runs.map(value).sorted()[runs.count / 2] }
        return Figures(
            perSecond: middle(\.perSecond), cpu: middle(\.cpu), p50: middle(\.p50), p99: middle(\.p99))
    }

    /// - Parameter batch: how many messages one request publishes; how long a delivery takes is measured with one.
    static func measure(_ server: some TestServer, subscribers: Int, batch: Int) throws -> Figures {
        var load = try Load(server, subscribers: subscribers)
        try load.flood(server, messages: 500, batch: batch)
        let messages = max(600, min(20_000, 600_000 / subscribers))
        let before = server.process.cpu
        let start = now()
        try load.flood(server, messages: messages, batch: batch)
        let seconds = now() - start
        let deliveries = Double(messages * subscribers)
        let cpu = (server.process.cpu - before) * 1e6 / deliveries
        guard batch == 1 else { return Figures(perSecond: deliveries / seconds, cpu: cpu, p50: 0, p99: 0) }
        let latencies = try load.pace(server, perSecond: subscribers < 1_000 ? 100 : 20, seconds: 4).sorted()
        return Figures(
            perSecond: deliveries / seconds, cpu: cpu, p50: percentile(latencies, 0.5) * 1e3,
            p99: percentile(latencies, 0.99) * 1e3)
    }
}

/// The sockets of all subscribers and of two publishers, on this one thread.
struct Load {
    private let poller = Poller()
    private var subscribers: [Subscriber] = []
    private var publishers: [Publisher] = []
    private var frameSize = 0
    private var delivered = 0
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    private final class Subscriber {
        let line: Line
        /// Bytes of a frame that has not come whole.
        var rest: [UInt8] = []
        var bytes = 0
        init(_ line: consuming Line) { self.line = line }
    }

    private final class Publisher {
        let line: Line
        var isWaiting = false
        init(_ line: consuming Line) { self.line = line }
    }

    init(_ server: some TestServer, subscribers count: Int) throws {
        for index in 0..<(count + 2) {
            let line = try Line(port: server.port)
            if index < count { try server.subscribe(line) }
            line.doNotBlock()
            poller.add(line.descriptor, as: index)
            if index < count { subscribers.append(Subscriber(line)) } else { publishers.append(Publisher(line)) }
        }
        // The first message tells how long a frame is.
        try publishers[0].line.send(server.request(Self.data(at: 0), count: 1))
        publishers[0].isWaiting = true
        while subscribers[0].rest.count < 4 || publishers[0].isWaiting { try turn(server) { _ in } }
        while frameSize == 0 {
            let rest = subscribers[0].rest
            if rest.count >= 4 { frameSize = 4 + Int(rest[2]) << 8 + Int(rest[3]) }
        }
        while subscribers.contains(where: { $0.bytes < frameSize }) { try turn(server) { _ in } }
        for subscriber in subscribers { (subscriber.rest, subscriber.bytes) = ([], 0) }
    }

    /// 300 bytes with the time in them.
    private static func data(at time: Double) -> String {
        let digits = String(UInt64(time * 1e9))
        let stamp = String(repeating: "0", count: 19 - digits.count) + digits
        return stamp + String(repeating: "x", count: 300 - 19)
    }

    /// As fast as the server takes them, with no subscriber more than 200 messages behind.
    mutating func flood(_ server: some TestServer, messages: Int, batch: Int) throws {
        let request = server.request(Self.data(at: 0), count: batch)
        for subscriber in subscribers { (subscriber.rest, subscriber.bytes) = ([], 0) }
        delivered = 0
        var sent = 0
        let wanted = messages * subscribers.count * frameSize
        while delivered < wanted {
            for publisher in publishers where !publisher.isWaiting && sent < messages {
                guard sent * subscribers.count - delivered / frameSize < 200 * subscribers.count else { break }
                try publisher.line.send(request)
                publisher.isWaiting = true
                sent += batch
            }
            try turn(server, nil)
        }
        while publishers.contains(where: \.isWaiting) { try turn(server, nil) }
    }

    /// So many a second, one at a time; how long each delivery took.
    mutating func pace(_ server: some TestServer, perSecond: Int, seconds: Int) throws -> [Double] {
        for subscriber in subscribers { (subscriber.rest, subscriber.bytes) = ([], 0) }
        var latencies: [Double] = []
        var due = now()
        for _ in 0..<(perSecond * seconds) {
            while now() < due || publishers[0].isWaiting {
                try turn(server, wait: due - now()) { latencies.append($0) }
            }
            try publishers[0].line.send(server.request(Self.data(at: now()), count: 1))
            publishers[0].isWaiting = true
            due += 1 / Double(perSecond)
        }
        let wanted = perSecond * seconds * subscribers.count
        while latencies.count < wanted { try turn(server) { latencies.append($0) } }
        while publishers[0].isWaiting { try turn(server) { latencies.append($0) } }
        return latencies
    }

    /// Reads what has come. Where `heard` is nil bytes are counted only.
    private mutating func turn(
        _ server: some TestServer, wait: Double = 1, _ heard: ((Double) -> Void)?
    ) throws {
        for index in poller.wait(wait) {
            let isPublisher = index >= subscribers.count
            let descriptor =
                isPublisher ? publishers[index - subscribers.count].line.descriptor : subscribers[index].line.descriptor
            let got = read(descriptor, &buffer, buffer.count)
            if got < 0, errno == EAGAIN { continue }
            guard got > 0 else { throw BenchError("the server closed a connection") }
            if isPublisher {
                let answers = buffer.withUnsafeBytes { server.answers(in: .init(rebasing: $0[..<got])) }
                if answers > 0 { publishers[index - subscribers.count].isWaiting = false }
                continue
            }
            delivered += got
            let subscriber = subscribers[index]
            subscriber.bytes += got
            guard let heard else { continue }
            subscriber.rest += buffer[..<got]
            guard frameSize > 0 else { continue }
            let time = now()
            while subscriber.rest.count >= frameSize {
                heard(time - Self.stamp(subscriber.rest[..<frameSize]))
                subscriber.rest.removeFirst(frameSize)
            }
        }
    }

    /// The first nineteen digits in a row.
    private static func stamp(_ frame: ArraySlice<UInt8>) -> Double {
        var digits = 0
        var value: UInt64 = 0
        for byte in frame {
            guard byte >= 0x30, byte <= 0x39 else {
                (digits, value) = (0, 0)
                continue
            }
            value = value * 10 + UInt64(byte - 0x30)
            digits += 1
            if digits == 19 { break }
        }
        return Double(value) / 1e9
    }
}

/// Connections that have been greeted, are in one channel and say nothing.
enum Idle {
    static func measure(_ parley: String, connections: Int) throws {
        let server = try EngineServer(parley)
        try server.subscribe(Line(port: server.port))
        let before = server.process.memory
        var lines: [Holder] = []
        for _ in 0..<connections {
            let line = try Line(port: server.port)
            try server.subscribe(line)
            lines.append(Holder(line))
        }
        let after = server.process.memory
        print(
            "| \(connections) | \(rounded(Double(after) / 1024, 1)) | \(rounded(Double(after - before) / Double(lines.count), 1)) |"
        )
    }

    private final class Holder {
        let line: Line
        init(_ line: consuming Line) { self.line = line }
    }
}
