import Testing

@testable import parley

@Suite("progress on a terminal")
struct ProgressTests {
    @Test("progress says count, rate and time left, once a rate is known")
    func text() {
        #expect(Progress.text("exporting", 0, of: 10, after: .zero) == "exporting 0 of 10")
        #expect(
            Progress.text("exporting", 100_000, of: 1_000_000, after: .seconds(4))
                == "exporting 100000 of 1000000, 25000/s, 36 s left")
        #expect(
            Progress.text("measuring", 3, of: 100, after: .seconds(60)) == "measuring 3 of 100, 0.0/s, 32 min left")
        #expect(Progress.text("measuring", 3, of: 10, after: .seconds(2)) == "measuring 3 of 10, 1.5/s, 5 s left")
    }
}
