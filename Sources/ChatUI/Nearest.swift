/// The most similar word, for error texts.
enum Nearest {
    /// Nil where nothing is near enough to be meant.
    static func word(to text: String, in words: [String]) -> String? {
        let wanted = Array(text.lowercased())
        let begun = words.first { wanted.count >= 2 && $0.hasPrefix(text.lowercased()) }
        if let begun { return begun }
        let best = words.map { ($0, distance(wanted, Array($0))) }.min { $0.1 < $1.1 }
        guard let best, best.1 <= max(1, wanted.count / 2) else { return nil }
        return best.0
    }

    /// How many letters have to be changed, put in, left out or exchanged with the next.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        guard a.count <= 64, b.count <= 64 else { return .max }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                row.append(cost)
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}
