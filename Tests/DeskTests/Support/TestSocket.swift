import ChannelsProtocol

/// A WebSocket client made of bytes, so that it can also send what no proper client would.
actor TestSocket {
    enum Frame: Equatable {
        case text(String)
        case close(code: UInt16, reason: String)
        case other(opcode: UInt8, [UInt8])
        case end
    }

    private let connection: RawConnection
    private var bytes: [UInt8] = []
    private(set) var id = ""

    /// - Parameter behind: goes out in one write with the handshake.
    init(
        _ connection: RawConnection, path: String, host: String = "desk", headers: [String] = [], behind: [UInt8] = []
    ) async throws {
        self.connection = connection
        let handshake =
            "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            + headers.map { $0 + "\r\n" }.joined() + "\r\n"
        try await connection.send(Array(handshake.utf8) + behind)
        let gap = Array("\r\n\r\n".utf8)
        while true {
            if let end = bytes.firstRange(of: gap) {
                guard bytes.starts(with: "HTTP/1.1 101".utf8) else { throw RawConnection.Failure.closed }
                bytes.removeSubrange(..<end.upperBound)
                return
            }
            try await more()
        }
    }

    func greet() async throws {
        let greeting = try await event()
        guard greeting.name == "pusher:connection_established", let id = greeting.data["socket_id"]?.string else {
            throw RawConnection.Failure.closed
        }
        self.id = id
    }

    /// A masked frame, as a client sends it.
    static func frame(opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        let mask: [UInt8] = [1, 2, 3, 4]
        var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        return frame + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    func send(_ json: JSON) async throws { try await raw(Self.frame(opcode: 1, Array(json.text.utf8))) }

    func raw(_ bytes: [UInt8]) async throws { try await connection.send(bytes) }

    func subscribe(_ channel: String, _ auth: JSON) async throws {
        var data: [(String, JSON)] = [("channel", .string(channel))]
        for name in ["auth", "channel_data"] {
            if let value = auth[name] { data.append((name, value)) }
        }
        try await send(["event": "pusher:subscribe", "data": .object(JSONObject(data))])
        while true {
            let answer = try await event()
            if answer.name == "pusher_internal:subscription_succeeded", answer.channel == channel { return }
            if answer.name == "pusher:error" { throw RawConnection.Failure.closed }
        }
    }

    func event() async throws -> (name: String, channel: String, data: JSON) {
        guard case .text(let text) = try await next() else { throw RawConnection.Failure.closed }
        let json = try JSON(parsing: text)
        let data = json["data"].map { data in data.string.flatMap { try? JSON(parsing: $0) } ?? data } ?? .null
        return (json["event"]?.string ?? "", json["channel"]?.string ?? "", data)
    }

    /// Events until one of that name, which is returned.
    func event(named name: String) async throws -> (name: String, channel: String, data: JSON) {
        while true {
            let event = try await event()
            if event.name == name { return event }
        }
    }

    /// What closes the connection, whatever comes before it.
    func ending() async throws -> Frame {
        while true {
            let frame = try await next()
            switch frame {
            case .close, .end: return frame
            case .text, .other: continue
            }
        }
    }

    func next() async throws -> Frame {
        while true {
            if let frame = take() { return frame }
            let count = bytes.count
            try await more(allowsEnd: true)
            if bytes.count == count { return .end }
        }
    }

    private func take() -> Frame? {
        guard bytes.count >= 2 else { return nil }
        var length = Int(bytes[1] & 0x7F)
        var start = 2
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            guard bytes.count >= 2 + size else { return nil }
            length = bytes[2..<(2 + size)].reduce(0) { $0 << 8 | Int($1) }
            start += size
        }
        guard bytes.count >= start + length else { return nil }
        let opcode = bytes[0] & 15
        let payload = Array(bytes[start..<(start + length)])
        bytes.removeSubrange(..<(start + length))
        switch opcode {
        case 1: return .text(String(decoding: payload, as: UTF8.self))
        case 8:
            let code = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005
            return .close(code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self))
        default: return .other(opcode: opcode, payload)
        }
    }

    private func more(allowsEnd: Bool = false) async throws {
        let got = try await connection.receive()
        if got.isEmpty, !allowsEnd { throw RawConnection.Failure.closed }
        bytes += got
    }
}
