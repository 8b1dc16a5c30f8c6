internal import ChannelsProtocol

/// What the HTTP API says to one request, and what the engine's sockets are to be told because of it.
package struct APIAnswer: Equatable, Sendable {
    package var status: Int
    /// JSON with 200; a sentence otherwise.
    package var body: String
    package var outputs: [EngineOutput]

    package var contentType: String { status == 200 ? "application/json" : "text/plain; charset=utf-8" }

    static func ok(_ body: JSON = [:], _ outputs: [EngineOutput] = []) -> APIAnswer {
        APIAnswer(status: 200, body: body.text, outputs: outputs)
    }

    static func refused(_ status: Int, _ sentence: String) -> APIAnswer {
        APIAnswer(status: status, body: sentence + "\n", outputs: [])
    }
}

/// Ends an answer early.
struct APIRefusal: Error {
    let status: Int
    let sentence: String

    init(_ status: Int, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }
}
