import ChannelsProtocol

/// Calls of the desk's HTTP API over a few connections that are kept, one call at a time on each. Where all are in use
/// the next call waits, and its time goes on.
final class CallPool {
    struct Answer {
        let status: Int
        let body: JSON
    }

    private struct Call {
        let bytes: [UInt8]
        /// Nil: the connection was lost.
        let done: (Answer?) -> Void
    }

    private final class Seat {
        var wire: Wire?
        var received: [UInt8] = []
        var call: Call?
    }

    private let wires: Wires
    private var free: [Seat]
    private var waiting: [Call] = []
    private(set) var open = 0

    init(_ wires: Wires, seats: Int) {
        self.wires = wires
        free = (0..<seats).map { _ in Seat() }
    }

    func call(
        _ verb: String, _ path: String, token: String, type: String = "application/json", body: String = "",
        done: @escaping (Answer?) -> Void
    ) {
        let head =
            "\(verb) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        open += 1
        waiting.append(Call(bytes: Array((head + body).utf8), done: done))
        begin()
    }

    private func begin() {
        let count = min(waiting.count, free.count)
        guard count > 0 else { return }
        let calls = waiting.prefix(count)
        waiting.removeFirst(count)
        for call in calls {
            let seat = free.removeLast()
            seat.call = call
            if seat.wire == nil { seat.wire = try? wires.connect { [unowned self] in heard($0, seat) } }
            guard let wire = seat.wire else {
                finish(seat, nil)
                continue
            }
            wire.send(call.bytes)
        }
    }

    private func heard(_ bytes: UnsafeRawBufferPointer?, _ seat: Seat) {
        guard let bytes else {
            seat.wire = nil
            if seat.call != nil { finish(seat, nil) }
            return
        }
        seat.received += bytes
        guard let end = seat.received.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let head = String(decoding: seat.received[..<end.lowerBound], as: UTF8.self)
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.filter(\.isNumber)) }
        let body = seat.received[end.upperBound...]
        guard body.count >= length ?? 0 else { return }
        let answer = Answer(status: Int(head.dropFirst(9).prefix(3)) ?? 0, body: (try? JSON(parsing: body)) ?? .null)
        finish(seat, answer)
    }

    private func finish(_ seat: Seat, _ answer: Answer?) {
        let call = seat.call
        seat.call = nil
        seat.received = []
        free.append(seat)
        open -= 1
        call?.done(answer)
        begin()
    }
}
