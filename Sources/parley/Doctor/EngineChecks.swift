import ChannelsProtocol
import Chat
import ChatSession
import Transport

/// What the engine lets us do, tried on a connection of its own. Nobody else hears of it: the events go to the inbox of the
/// account itself, whose terminals do not know them. An application without a desk has no inboxes: there they go to its
/// presence channel.
struct EngineChecks {
    let target: Target
    let identity: Identity
    let client: DeskClient
    static let patience: Duration = .seconds(5)

    func run() -> [Check] {
        let endpoint: WebSocketEndpoint
        do throws(Failure) { endpoint = try target.engine(of: identity) } catch {
            return [.wrong(.engine, error.sentence)]
        }
        let socket = ProbeSocket(endpoint)
        defer { socket.close() }
        switch greeting(socket) {
        case .failure(let check): return [check.check]
        case .success(let id):
            let sight = identity.isEncrypted ? "; it cannot read conversations of two" : ""
            let first = Check.ok(.engine, "connected as \(id)\(sight)")
            let inbox = ChannelName(wire: ConversationName.inbox(of: identity.id))
            let lobby = ChannelName(wire: identity.lobby.channel)
            var checks = [first]
            let inboxes = isPlain ? [] : [(Check.Name.authorization, inbox)]
            for (name, channel) in inboxes + [(.presence, lobby)] {
                let check = subscribe(name, channel, id, socket)
                checks.append(check)
                guard check.isOK else { return checks }
            }
            let own = isPlain ? lobby : inbox
            checks.append(clientEvents(own, socket))
            if checks.allSatisfy(\.isOK) { checks.append(payload(own, socket)) }
            return checks
        }
    }

    private var isPlain: Bool { target.plain != nil }
    private var signer: String { isPlain ? "the application" : "the desk" }

    private struct Problem: Error { let check: Check }

    private func greeting(_ socket: ProbeSocket) -> Result<SocketID, Problem> {
        func wrong(_ text: String) -> Result<SocketID, Problem> { .failure(Problem(check: .wrong(.engine, text))) }
        let end = Now.uptime + Self.patience
        while let event = socket.next(within: end - Now.uptime) {
            switch event {
            case .opened, .control: continue
            case .failed(let reason): return wrong("\(reason); is the engine's address right?")
            case .refused(_, let reason):
                let meanwhile =
                    isPlain
                    ? "nothing works"
                    : "the desk is asked for messages, typing is missing, presence comes late, and others see you offline"
                return wrong(
                    "\(reason); a proxy or firewall on the way has to let WebSockets through: until then \(meanwhile)")
            case .closed(let code, let reason):
                return wrong("the engine closed with \(code.map(String.init) ?? "no code") \(Text.shown(reason))")
            case .text(let text):
                switch try? ServerEvent(decoding: text) {
                case .connectionEstablished(let id, _): return .success(id)
                case .error(4001, let message, _):
                    return wrong(
                        "the engine does not know the key \(Text.shown(identity.key)) (4001 \(Text.shown(message)));"
                            + (isPlain
                                ? " set channels.key"
                                : " the desk and the engine have different apps, set the desk's app key"))
                case .error(let code, let message, _):
                    return wrong("the engine refused with \(code.map(String.init) ?? "-"): \(Text.shown(message))")
                default: continue
                }
            }
        }
        return wrong("no greeting within 5 s; is that an engine of the Channels protocol?")
    }

    private func subscribe(
        _ name: Check.Name, _ channel: ChannelName, _ id: SocketID, _ socket: ProbeSocket
    ) -> Check {
        let auth: JSON
        do throws(Failure) {
            auth = try client.ask(.authorize(channel, id)) { status, body throws(DeskFailure) in
                try DeskReply.done(status: status, body: body)
                guard let json = try? JSON(parsing: body), json["auth"]?.string != nil else {
                    throw DeskFailure(.malformed, "the answer holds no auth")
                }
                return json
            }
        } catch {
            return .wrong(
                .authorization,
                "\(channel): \(signer) does not sign it: \(error.sentence); look at \(target.plain?.endpoint.path ?? "/pusher/auth") there"
            )
        }
        socket.send(
            ClientFrame.subscribe(
                channel, auth: auth["auth"]?.string, channelData: auth["channel_data"]?.string
            ).text)
        let end = Now.uptime + Self.patience
        while let event = socket.next(within: end - Now.uptime) {
            guard case .text(let text) = event else {
                if case .control = event { continue }
                return .wrong(name, "\(channel): the engine closed the connection instead of an answer")
            }
            switch try? ServerEvent(decoding: text) {
            case .subscriptionSucceeded(channel, let presence):
                let count = presence.map { ", \($0.members.count) here" } ?? ""
                return .ok(name, "subscribed to \(channel)\(count)")
            case .error(let code, let message, _): return refusal(name, channel, code, message)
            case .subscriptionError(channel, _, let message, let status): return refusal(name, channel, status, message)
            default: continue
            }
        }
        return .wrong(name, "\(channel): the engine did not answer to a subscription within 5 s")
    }

    private func refusal(_ name: Check.Name, _ channel: ChannelName, _ code: Int?, _ message: String) -> Check {
        let text = "\(channel): the engine refused (\(code.map(String.init) ?? "-")): \(Text.shown(message))"
        let isFull = message.lowercased().contains("member") || message.lowercased().contains("limit")
        if channel.kind.isPresence, isFull || code == 4100 || code == 4004 {
            return .wrong(.presence, text + "; raise the app's limit of presence members")
        }
        return .wrong(.authorization, text + "; \(signer) signs with another secret than the engine's app has")
    }

    private func clientEvents(_ channel: ChannelName, _ socket: ProbeSocket) -> Check {
        guard let (code, message) = refused(channel, size: 8, socket) else {
            return .ok(.clientEvents, "enabled")
        }
        return .wrong(
            .clientEvents,
            "the engine refused one (\(code)): \(Text.shown(message)); enable client events for this app")
    }

    private func payload(_ channel: ChannelName, _ socket: ProbeSocket) -> Check {
        let size = 9_000
        guard let (code, message) = refused(channel, size: size, socket) else {
            return .ok(.payload, "events of \(size) bytes pass")
        }
        return .wrong(
            .payload,
            "the engine refused an event of \(size) bytes (\(code)): \(Text.shown(message)); raise the app's limit to 10240"
        )
    }

    /// What the engine said against a client event; an engine says nothing to one it takes, so a pong ends the wait.
    private func refused(_ channel: ChannelName, size: Int, _ socket: ProbeSocket) -> (String, String)? {
        let data: JSON = ["doctor": .string(String(repeating: "x", count: size))]
        socket.send(ClientFrame.event(name: "client-doctor", channel: channel, data: data).text)
        socket.send(ClientFrame.ping.text)
        let end = Now.uptime + Self.patience
        while let event = socket.next(within: end - Now.uptime) {
            switch event {
            case .closed(let code, let reason): return (code.map(String.init) ?? "closed", reason)
            case .failed(let reason), .refused(_, let reason): return ("closed", reason)
            case .opened, .control: continue
            case .text(let text):
                switch try? ServerEvent(decoding: text) {
                case .error(let code, let message, _): return (code.map(String.init) ?? "-", message)
                case .pong: return nil
                default: continue
                }
            }
        }
        return ("-", "no answer within 5 s")
    }
}
