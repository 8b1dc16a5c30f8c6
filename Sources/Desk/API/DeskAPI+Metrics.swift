import ChannelsEngine
import ChannelsProtocol
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

extension DeskAPI {
    /// `GET /metrics`: what the desk and its engine do, as Prometheus reads it; with the admin token, or by the socket in
    /// the desk's folder. A connection from loopback proves nothing: a proxy on this machine may have passed it on, and
    /// need not say so.
    func metrics(_ request: Request, _ context: DeskContext) async throws -> Response {
        if context.door == .tcp {
            guard let adminToken, let token = request.bearerToken else {
                throw APIError(
                    .forbidden, "admin_only",
                    "the metrics need the admin token (desk.admin_token_file), or the socket in the desk's folder")
            }
            guard Signer.areEqual(token, adminToken) else {
                throw gate.failedSignIn(APIError(.unauthorized, "bad_token", "that is not the admin token"), context)
            }
        }
        var lines: [String] = []
        func add(_ name: String, _ kind: String, _ help: String, _ values: [(labels: String, value: Int)]) {
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(kind)"]
            lines += values.map { "\(name)\($0.labels) \($0.value)" }
        }
        let (engines, deliveries) = hub.state.withLock { state in
            (
                state.engines.map { (app: $0.app.id, sockets: $0.connectionCount, channels: $0.occupied().count) },
                state.traffic.deliveries
            )
        }
        func of(_ app: String) -> String { "{app=\"\(app.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline })\"}" }
        add("parley_connections", "gauge", "Open WebSockets.", engines.map { (of($0.app), $0.sockets) })
        add("parley_channels", "gauge", "Occupied channels.", engines.map { (of($0.app), $0.channels) })
        add("parley_deliveries_total", "counter", "Frames sent, once for each receiver.", [("", deliveries)])
        add("parley_waiting_bytes", "gauge", "Bytes that wait for slow readers.", [("", await hub.waitingBytes())])
        add(
            "parley_refused_total", "counter", "Requests that were refused, by status.",
            hub.refusals.counted.map { ("{status=\"\($0.status)\"}", $0.count) })
        add("parley_messages_total", "counter", "Messages stored.", [("", hub.metrics.count(of: .messages))])
        add(
            "parley_publish_errors_total", "counter", "Events the engine did not take.",
            [("", hub.metrics.count(of: .publishErrors))])
        let size = try await store.size()
        add("parley_users", "gauge", "Accounts.", [("", size.users)])
        add("parley_store_bytes", "gauge", "Size of the database.", [("", size.bytes)])
        if let elsewhere {
            add("parley_outbox", "gauge", "Events that wait for the engine.", [("", try await store.outboxCount())])
            add("parley_webhook_events_total", "counter", "Events the engine told of.", [("", elsewhere.webhookCount)])
        }
        lines += hub.metrics.histograms
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: lines.joined(separator: "\n") + "\n")))
    }
}
