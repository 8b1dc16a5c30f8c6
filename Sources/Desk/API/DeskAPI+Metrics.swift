import ChannelsEngine
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

extension DeskAPI {
    /// `GET /metrics`: what the engine does, as Prometheus reads it; on loopback only, and not through a proxy there.
    func metrics(_ request: Request, _ context: DeskContext) async throws -> Response {
        guard context.caller.isThisMachine, !CallerAddress.isForwarded(request.headers) else {
            throw APIError(.forbidden, "loopback_only", "the metrics are for this machine only")
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
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: lines.joined(separator: "\n") + "\n")))
    }
}
