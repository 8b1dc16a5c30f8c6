import ChannelsProtocol
import Transport

/// What an engine's answer says, by its body as well as by its status.
///
/// Every engine answers with a JSON object. soketi answers every refusal with the status 200, since it sets a header
/// before the status; the code stands in the body: `{"error":"…","code":401}`. What is no JSON object comes from somebody
/// in between, such as a proxy with a page of its own, and means that the engine did not take the call.
struct EngineAnswer: Equatable, Sendable {
    enum Verdict: Equatable, Sendable {
        case done
        /// The status, and the engine's own words.
        case refused(Int, String?)
        /// The answer is not an engine's.
        case foreign
    }

    let verdict: Verdict
    let json: JSON?
    let sentence: String

    var isOfEngine: Bool { json != nil }

    init(_ answer: HTTPAnswer) {
        self.init(status: answer.status, body: answer.body, location: answer.location)
    }

    init(status: Int, body: String, location: String? = nil) {
        json = (try? JSON(parsing: body)).flatMap { $0.object == nil ? nil : $0 }
        let error = json?["error"].flatMap { $0.isNull ? nil : $0 }
        let words = error.map { Self.shown($0.string ?? $0.text) }
        switch status {
        case 200..<300 where json == nil:
            verdict = .foreign
            sentence = "something other than an engine answered \(status), without a JSON object,"
        case 200..<300 where error != nil:
            // An error without a code may pass.
            let code = json?["code"]?.int.flatMap { (400..<600).contains($0) ? $0 : nil } ?? 500
            verdict = .refused(code, words)
            sentence = "the engine answered \(status) with the error \(code)" + Self.quoted(words)
        // One of the events of a batch, which are then published one by one.
        case 200..<300 where json?["batch"]?.array?.contains { $0["error"].map { !$0.isNull } ?? false } == true:
            verdict = .refused(422, nil)
            sentence = "the engine refused a part of the batch"
        case 200..<300:
            verdict = .done
            sentence = "the engine answered \(status)"
        case 300..<400:
            verdict = .foreign
            let there = location.map { " to " + Self.shown($0) } ?? ""
            sentence = "the server redirects (\(status))\(there), which is not followed,"
        default:
            verdict = .refused(status, words)
            sentence = "the engine answered \(status)" + Self.quoted(words)
        }
    }

    /// Foreign words on one line, in quotes, with control characters escaped.
    private static func shown(_ text: String) -> String { JSON.string(String(text.unicodeScalars.prefix(200))).text }

    private static func quoted(_ words: String?) -> String { words.map { " (\($0))" } ?? "" }
}
