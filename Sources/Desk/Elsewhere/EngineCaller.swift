import ChannelsProtocol
import Chat
import Synchronization
import Transport

/// Signed calls of an engine's HTTP API, of that part of it which all engines have: data is a text that is not empty, a
/// request fits into 10,000 bytes, and an answer is a JSON object. What became of the call is read from the body as well as
/// from the status (`EngineAnswer`).
final class EngineCaller: Sendable {
    /// What became of a call.
    enum Outcome: Equatable, Sendable {
        case done
        /// The engine was not reached, or did not answer.
        case away(String)
        /// May work later: too often, or a credential that somebody has to set right.
        case later(String, after: Duration?)
        /// The engine will never take it.
        case refused(String)
        /// It has no batches.
        case unknownCall
    }

    /// Events of one batch, as all engines allow.
    static let batchSize = 10
    /// Bytes of a body; the rest of the 10,000 is for what stands around it.
    static let bodyLimit = DeskEvents.requestLimit - 600
    private static let timeout: Duration = .seconds(5)

    private struct State {
        /// Whether the path in front of `/apps` is part of what is signed: engines differ.
        var signsPrefix = false
        /// The engine hangs up after each answer, so a connection is good for one call.
        var hangsUp = false
    }

    let place: ExternalEngine
    private let app: AppCredentials
    private let signer: Signer
    private let caller: HTTPCaller
    private let state = Mutex(State())

    init(_ place: ExternalEngine, app: AppCredentials) {
        self.place = place
        self.app = app
        signer = Signer(key: app.key, secret: app.secret)
        caller = HTTPCaller(place.api, basePath: place.apiPath, maxBody: 1 << 20)
    }

    func shutdown() { caller.shutdown() }

    /// One event with `events`, several with `batch_events`.
    func publish(_ events: [DeskEvent]) async -> Outcome {
        if events.count == 1 { return outcome(await post("/events", Self.body(events[0]).text), of: "events") }
        let body: JSON = ["batch": .array(events.map { Self.body($0, isInBatch: true) })]
        return outcome(await post("/batch_events", body.text), of: "batch_events")
    }

    static func body(_ event: DeskEvent, isInBatch: Bool = false) -> JSON {
        var members: [(String, JSON)] = [("name", .string(event.name)), ("data", .string(event.data))]
        if isInBatch {
            members.append(("channel", .string(event.channel)))
        } else {
            members.append(("channels", .array([.string(event.channel)])))
        }
        if let excluded = event.excluding { members.append(("socket_id", .string(excluded.text))) }
        return .object(JSONObject(members))
    }

    /// Ends the connections that the engine knows to be the user's; which those are differs.
    func terminate(_ user: String) async -> Outcome {
        // Some engines sign an empty body as if it were this one.
        outcome(await post("/users/\(HTTPQuery.encode(user))/terminate_connections", "{}"), of: "terminate_connections")
    }

    /// Who is in a presence channel.
    func users(of channel: String) async -> Result<Set<String>, EngineFailure> {
        let answer: EngineAnswer
        switch await call("GET", "/channels/\(HTTPQuery.encode(channel))/users") {
        case .success(let given): answer = EngineAnswer(given)
        case .failure(let failure): return .failure(EngineFailure(failure.description))
        }
        switch answer.verdict {
        case .done:
            guard let list = answer.json?["users"]?.array else {
                return .failure(EngineFailure("\(place.api): the engine's answer has no list of users"))
            }
            return .success(Set(list.compactMap { $0["id"]?.identifier }))
        // An empty channel is not there, some engines say.
        case .refused(404, _) where answer.isOfEngine: return .success([])
        case .refused, .foreign: return .failure(EngineFailure("\(place.api): \(answer.sentence)"))
        }
    }

    /// Whether the engine knows the app and its secret. Throws where somebody has to set that right; an engine that cannot
    /// be reached may come yet.
    func check() async throws(DeskError) {
        for isLast in [place.apiPath.isEmpty, true] {
            guard case .success(let given) = await call("GET", "/channels") else { return }
            let answer = EngineAnswer(given)
            switch answer.verdict {
            case .refused(401, _) where !isLast: state.withLock { $0.signsPrefix = true }
            case .refused(401, _):
                throw DeskError(
                    .configuration,
                    "\(place.api): the engine does not accept the signature (401); are key and secret of app \(app.id), and"
                        + " this machine's clock, right?")
            case .refused(403, _):
                throw DeskError(.configuration, "\(place.api): the engine refuses app \(app.id) (403); is it enabled?")
            case .refused(404, _):
                throw DeskError(
                    .configuration,
                    "\(place.api): the engine has no app \(app.id) (404); see its id, and whether the URL is the engine's"
                )
            case .foreign:
                throw DeskError(.configuration, "\(place.api): \(answer.sentence); is that the engine's URL?")
            case .done, .refused: return
            }
            guard !isLast else { return }
        }
    }

    private func post(_ path: String, _ body: String) async -> Result<HTTPAnswer, HTTPCallFailure> {
        await call("POST", path, body)
    }

    private func call(_ method: String, _ path: String, _ body: String = "") async -> Result<
        HTTPAnswer, HTTPCallFailure
    > {
        let result = await attempt(method, path, body)
        guard case .failure(.interrupted) = result, !state.withLock({ $0.hangsUp }) else { return result }
        // The connection may have been one that the engine had left after its last answer.
        state.withLock { $0.hangsUp = true }
        return await attempt(method, path, body)
    }

    private func attempt(
        _ method: String, _ path: String, _ body: String
    ) async -> Result<HTTPAnswer, HTTPCallFailure> {
        let (signsPrefix, hangsUp) = state.withLock { ($0.signsPrefix, $0.hangsUp) }
        let inner = "/apps/\(app.id)\(path)"
        let request = APIRequest(method: method, path: (signsPrefix ? place.apiPath : "") + inner, body: body)
        let signed = signer.signed(request, timestamp: Int(WallClock.now().milliseconds / 1000))
        do throws(HTTPCallFailure) {
            let answer = try await caller.call(
                method, inner + "?" + signed.query.text, headers: hangsUp ? [("Connection", "close")] : [],
                contentType: body.isEmpty ? nil : "application/json", body: body, timeout: Self.timeout)
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }

    private func outcome(_ result: Result<HTTPAnswer, HTTPCallFailure>, of call: String) -> Outcome {
        switch result {
        case .failure(let failure): return .away(failure.description)
        case .success(let given):
            let answer = EngineAnswer(given)
            let sentence = "\(place.api): \(answer.sentence) to \(call)"
            switch answer.verdict {
            case .done: return .done
            case .foreign: return .later(sentence, after: given.retryAfter)
            case .refused(404, _) where call == "batch_events", .refused(405, _): return .unknownCall
            case .refused(400, _), .refused(413, _), .refused(422, _): return .refused(sentence)
            case .refused: return .later(sentence, after: given.retryAfter)
            }
        }
    }
}

/// Why the engine could not be asked.
struct EngineFailure: Error, Equatable {
    let sentence: String

    init(_ sentence: String) { self.sentence = sentence }
}
