import ChannelsProtocol

/// Times in milliseconds, and what is said of them.
struct Latencies: Equatable, Sendable {
    private(set) var sorted: [Double] = []

    init(_ values: [Double]) { sorted = values.sorted() }

    var isEmpty: Bool { sorted.isEmpty }
    var mean: Double { sorted.isEmpty ? 0 : sorted.reduce(0, +) / Double(sorted.count) }

    /// The nearest rank: the least value that `part` of all do not exceed.
    func percentile(_ part: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((part * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    var facts: [(name: String, value: Double)] {
        [
            ("mean", mean), ("p50", percentile(0.5)), ("p95", percentile(0.95)), ("p99", percentile(0.99)),
            ("max", sorted.last ?? 0),
        ]
    }

    var json: JSON { .object(JSONObject(facts.map { ($0.name, .number(Self.text($0.value))) })) }

    /// Three digits after the point.
    static func text(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// How many fall into each of some classes, which double in width: up to 0.125, 0.25, 0.5 … ms.
    var histogram: [(upTo: Double, count: Int)] {
        guard let most = sorted.last else { return [] }
        var classes: [(upTo: Double, count: Int)] = []
        var bound = 0.125
        var rest = sorted[...]
        repeat {
            let part = rest.prefix { $0 <= bound }
            if !classes.isEmpty || !part.isEmpty { classes.append((bound, part.count)) }
            rest = rest.dropFirst(part.count)
            bound *= 2
        } while !rest.isEmpty && bound < most * 4
        return classes
    }

    /// One line a class, the longest bar `width` columns.
    func bars(width: Int, bar: Character) -> [String] {
        let classes = histogram
        guard let most = classes.map(\.count).max(), most > 0 else { return [] }
        let rows = classes.map { each -> [String] in
            let length = each.count == 0 ? 0 : max(1, each.count * width / most)
            return ["<= \(Self.text(each.upTo)) ms", String(each.count), String(repeating: bar, count: length)]
        }
        return Text.table(rows)
    }
}
