import ChannelsProtocol

/// What a bench found.
struct BenchReport: Sendable {
    var clients: Int
    var rounds: Int
    /// From sending to each receiver, and to the first of them, in milliseconds.
    var every: Latencies
    var first: Latencies
    var expected: Int
    var received: Int
    /// What asking every few seconds, or again and again, costs at the same desk.
    var polling: [(name: String, latencies: Latencies)] = []

    var lost: Int { expected - received }

    var members: [(String, JSON)] {
        var members: [(String, JSON)] = [
            ("clients", JSON(clients)), ("rounds", JSON(rounds)), ("every_message", every.json),
            ("first_response", first.json), ("expected", JSON(expected)), ("received", JSON(received)),
            ("lost", JSON(lost)),
        ]
        if !polling.isEmpty {
            members.append(
                ("polling", .object(JSONObject(polling.map { ($0.name, $0.latencies.json) }))))
        }
        return members
    }

    func text(isUTF8: Bool) -> [String] {
        let rows = [("every message", every), ("first response", first)] + polling.map { ($0.name, $0.latencies) }
        var table = [["ms"] + every.facts.map(\.name)]
        for (name, latencies) in rows { table.append([name] + latencies.facts.map { Latencies.text($0.value) }) }
        return [
            "\(clients) clients, \(rounds) rounds: \(expected) messages expected, \(received) received, \(lost) lost",
            "",
        ]
            + Text.table(table) + [""] + every.bars(width: 40, bar: isUTF8 ? "█" : "#")
    }

    /// The histogram as a picture.
    func svg() -> String {
        let classes = every.histogram
        let most = max(1, classes.map(\.count).max() ?? 1)
        let (width, height, bottom) = (640, 320, 40)
        let step = width / max(1, classes.count)
        var out =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" font-family=\"sans-serif\" font-size=\"11\">"
        out += "<title>latency of \(received) messages to \(clients) clients</title>"
        for (index, each) in classes.enumerated() {
            let size = each.count * (height - bottom - 20) / most
            out +=
                "<rect x=\"\(index * step + 2)\" y=\"\(height - bottom - size)\" width=\"\(step - 4)\" height=\"\(size)\" fill=\"#3b7dd8\"/>"
            out +=
                "<text x=\"\(index * step + step / 2)\" y=\"\(height - bottom + 14)\" text-anchor=\"middle\">\(Latencies.text(each.upTo))</text>"
        }
        let facts = every.facts.map { "\($0.name) \(Latencies.text($0.value))" }.joined(separator: "  ")
        return out + "<text x=\"4\" y=\"\(height - 6)\">ms, up to; \(facts)</text></svg>\n"
    }
}
