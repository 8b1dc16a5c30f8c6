import ChannelsProtocol
import Testing
import Transport

@testable import Desk

@Suite("an engine's answer")
struct EngineAnswerTests {
    private func verdict(_ status: Int, _ body: String) -> EngineAnswer.Verdict {
        EngineAnswer(status: status, body: body).verdict
    }

    @Test(
        "of success is a JSON object without an error",
        arguments: [
            "{}", #"{"ok":true}"#, #"{"batch":{}}"#, #"{"batch":[{},{}]}"#, #"{"channels":{}}"#, #"{"error":null}"#,
        ])
    func done(body: String) {
        #expect(verdict(200, body) == .done)
        #expect(verdict(202, body) == .done)
    }

    @Test(
        "with the status 200 is a refusal where its body says so",
        arguments: [
            (#"{"error":"The secret authentication failed","code":401}"#, 401),
            (#"{"error":"The app 1 could not be found.","code":404}"#, 404),
            (#"{"error":"Too many requests.","code":429}"#, 429), (#"{"error":"too big","code":413}"#, 413),
            (#"{"error":"no code"}"#, 500), (#"{"error":{"message":"x"},"code":"400"}"#, 500),
            (#"{"error":"lies","code":200}"#, 500),
        ])
    func refused(body: String, code: Int) {
        guard case .refused(let found, _) = verdict(200, body) else {
            Issue.record("\(verdict(200, body))")
            return
        }
        #expect(found == code)
    }

    @Test("to a batch is a refusal of one of its events where any has an error")
    func batch() {
        #expect(verdict(200, #"{"batch":[{},{"error":"no"}]}"#) == .refused(422, nil))
    }

    @Test(
        "that is no JSON object, or leads elsewhere, comes from somebody in between",
        arguments: [
            (200, "<html>Sign in</html>"), (200, ""), (204, ""), (200, "[]"), (200, "ok"), (301, ""), (302, "{}"),
        ])
    func foreign(status: Int, body: String) {
        #expect(verdict(status, body) == .foreign)
        let answer = EngineAnswer(status: status, body: body, location: "https://x.example/\u{1B}[31m")
        #expect(!answer.sentence.unicodeScalars.contains("\u{1B}"))
    }

    @Test("with a status of its own is a refusal whatever the body is")
    func plain() {
        #expect(verdict(413, "Payload too large.") == .refused(413, nil))
        #expect(verdict(500, #"{"error":"x"}"#) == .refused(500, #""x""#))
    }
}
