import Testing

@testable import Desk

@Suite("log lines that repeat")
struct RepeatedLinesTests {
    @Test("are one line a minute, which says how many there were")
    func summed() {
        let log = LogLines()
        let lines = RepeatedLines(log.logger)
        for second in 0..<130 { lines.log("a", now: .seconds(second)) { "the engine is away" } }
        lines.log("b", now: .seconds(130)) { "something else" }
        #expect(
            log.all == [
                "the engine is away", "the engine is away (60 times since the last line)",
                "the engine is away (60 times since the last line)", "something else",
            ])
    }

    @Test("end with a line that says how long it lasted, and begin anew after that")
    func passed() {
        let log = LogLines()
        let lines = RepeatedLines(log.logger)
        lines.passed("a", now: .seconds(1), "it works again")
        for second in 10..<15 { lines.log("a", now: .seconds(second)) { "it fails" } }
        lines.passed("a", now: .seconds(20), "it works again")
        lines.log("a", now: .seconds(21)) { "it fails" }
        #expect(log.all == ["it fails", "it works again, after 5 failures in 10 s", "it fails"])
    }
}
