import ChannelsProtocol
import Foundation
import Testing

@testable import Desk

@Suite("an answer that ends its connection", .timeLimit(.minutes(1)))
struct RefusalTests {
    private func head(_ desk: TestDesk, _ lines: String) -> String {
        "POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(desk.token("alice"))\r\n\(lines)\r\n"
    }

    /// However slow the machine is, no time ends a connection.
    private func patient(_ configuration: inout DeskConfiguration) {
        configuration.limits.handshakeTimeout = .seconds(600)
    }

    /// What comes until the end; nil where the connection was reset.
    private func rest(_ connection: RawConnection) async throws -> String? {
        var bytes: [UInt8] = []
        while true {
            guard let more = try await connection.receiveOrReset() else { return nil }
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    @Test("a refused call whose body was read keeps its connection, and the next call on it is answered")
    func kept() async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            let long = #"{"name":"e","channel":"a","data":"\#(String(repeating: "x", count: 10_241))"}"#
            let fine = #"{"name":"e","channel":"a","data":"x"}"#
            for _ in 0..<3 {
                let refused = try await desk.engine("POST", "events", long, over: connection)
                #expect(refused.status == 413)
                #expect(refused.headers["connection"] != "close")
                #expect(try await desk.engine("POST", "events", fine, over: connection).status == 200)
            }
            let text = JSON.object(
                JSONObject([("text", .string(String(repeating: "x", count: 8_001))), ("client_id", "1")]))
            let path = "/api/rooms/lobby/messages"
            let refused = try await connection.call("POST", path, token: desk.token("alice"), body: text.text)
            #expect(refused.status == 413)
            #expect(try await connection.call("GET", "/healthz").status == 200)
        }
    }

    @Test("whoever writes a body that is too long to its end finds the 413, that it was the last, and the end")
    func wholeBody() async throws {
        try await withDesk(configure: patient) { desk async throws in
            for lines in ["Content-Length: 8000000\r\n", "Transfer-Encoding: chunked\r\n"] {
                let connection = try desk.connect()
                try await connection.send(head(desk, lines))
                let piece = String(repeating: "x", count: 80_000)
                let chunk = lines.hasPrefix("T") ? "\(String(80_000, radix: 16))\r\n\(piece)\r\n" : piece
                try await connection.send(String(repeating: chunk, count: 100))
                let answer = try await rest(connection)
                #expect(answer?.hasPrefix("HTTP/1.1 413 ") == true, "\(answer ?? "reset")")
                #expect(answer?.lowercased().contains("connection: close\r\n") == true)
                #expect(answer?.contains("body_too_large") == true)
            }
        }
    }

    @Test("the end is said with the answer, to those too who wait for it before they write on")
    func announced() async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            try await connection.send(head(desk, "Content-Length: 8000000\r\n"))
            let answer = try await connection.answer()
            #expect(answer.status == 413)
            #expect(answer.headers["connection"] == "close")
            #expect(try await connection.receiveOrReset() == [])
        }
    }

    @Test(
        "bytes behind what is no HTTP take nothing of the answer away",
        arguments: [
            "POST / HTTP/1.1\r\nX-Nul: a\0b\r\n\r\n", "POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: x\r\n\r\n",
        ])
    func noHTTP(text: String) async throws {
        try await withDesk(configure: patient) { desk async throws in
            let connection = try desk.connect()
            try await connection.send(text)
            try await connection.send(String(repeating: "x", count: 8_000_000))
            #expect(try await rest(connection)?.hasPrefix("HTTP/1.1 400 ") == true)
        }
    }

    @Test("a request that comes too late does not take the 408 away")
    func late() async throws {
        try await withDesk(configure: { $0.limits.handshakeTimeout = .milliseconds(200) }) { desk async throws in
            let connection = try desk.connect()
            try await connection.send("POST / HTTP/1.1\r\n")
            // Ended by the time that began later, so the other's is over.
            #expect(try await desk.connect().receive().isEmpty)
            try await connection.send("Host: desk\r\n\r\n")
            #expect(try await rest(connection)?.hasPrefix("HTTP/1.1 408 ") == true)
        }
    }

    @Test("whoever never stops writing is cut off, by the time or by the amount")
    func bounded() async throws {
        for (time, piece) in [(Duration.seconds(3), 1), (.seconds(600), 1 << 20)] {
            try await withDesk(configure: { $0.limits.handshakeTimeout = time }) { desk async throws in
                let connection = try desk.connect()
                try await connection.send(head(desk, "Content-Length: 800000000\r\n"))
                #expect(try await connection.answer().status == 413)
                await #expect(throws: RawConnection.Failure.self) {
                    while true { try await connection.send([UInt8](repeating: 0, count: piece)) }
                }
            }
        }
    }
}
