import Glibc

/// The least value that `part` of all do not exceed; zero where there are none.
func percentile(_ sorted: [Double], _ part: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}

func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func rounded(_ value: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let text = String((value * scale).rounded() / scale)
    return digits == 0 ? String(text.prefix { $0 != "." }) : text
}

/// A row of a table in Markdown.
func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

extension UnsafeRawBufferPointer {
    func starts(_ bytes: [UInt8]) -> Bool {
        guard let baseAddress, count >= bytes.count else { return false }
        return memcmp(baseAddress, bytes, bytes.count) == 0
    }
}
