import NIOCore
import Transport
import Testing

@Suite("strict WebSocket frames")
struct FrameReaderTests {
    private func read(_ bytes: [UInt8], role: FrameRole = .client, limit: Int = 1_000) throws -> [FrameMessage] {
        var reader = FrameReader(role: role, maxMessageSize: limit)
        var buffer = ByteBuffer(bytes: bytes)
        var messages: [FrameMessage] = []
        while let message = try reader.next(from: &buffer) { messages.append(message) }
        return messages
    }

    @Test("messages come whole, whatever pieces the bytes come in")
    func pieces() throws {
        let bytes: [UInt8] = [
            0x01, 2, 0xC3, 0xA4, 0x89, 1, 7, 0x00, 1, 0xC3, 0x80, 1, 0xB6, 0x82, 1, 9, 0x88, 2, 3, 0xE8,
        ]
        let expected: [FrameMessage] = [
            .ping(ByteBuffer(bytes: [7])), .text("äö"), .binary(ByteBuffer(bytes: [9])), .close(code: 1000, reason: ""),
        ]
        #expect(try read(bytes) == expected)
        var reader = FrameReader(role: .client, maxMessageSize: 1_000)
        var messages: [FrameMessage] = []
        var pending = ByteBuffer()
        for byte in bytes {
            pending.writeInteger(byte)
            while let message = try reader.next(from: &pending) { messages.append(message) }
        }
        #expect(messages == expected)
    }

    @Test(
        "what breaks the rules of RFC 6455 has its close code",
        arguments: [
            ([0xC1, 0], 1002), ([0xA1, 0], 1002), ([0x91, 0], 1002), ([0x83, 0], 1002), ([0x8F, 0], 1002),
            ([0x81, 0x80], 1002), ([0x80, 0], 1002), ([0x01, 0, 0x81, 0], 1002), ([0x01, 0, 0x82, 0], 1002),
            ([0x09, 0], 1002), ([0x89, 126, 0, 126], 1002), ([0x81, 126, 0, 125], 1002),
            ([0x81, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 1002), ([0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], 1009),
            ([0x82, 126, 3, 0xE9], 1009), ([0x88, 1, 3], 1002), ([0x88, 2, 3, 0xED], 1002), ([0x88, 2, 0, 0], 1002),
            ([0x88, 2, 0x13, 0x88], 1002), ([0x88, 3, 3, 0xE8, 0xFF], 1007),
        ] as [([UInt8], UInt16)])
    func violations(bytes: [UInt8], code: UInt16) {
        #expect(#expect(throws: FrameViolation.self) { try read(bytes) }?.code == code)
    }

    @Test(
        "text that is not UTF-8 is refused in the fragment where it breaks",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xED, 0xA0, 0x80], [0xE0, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0x80], [0xC3, 0x28], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        let whole = [0x81, UInt8(bytes.count)] + bytes
        let fragment = [0x01, UInt8(bytes.count)] + bytes
        #expect(#expect(throws: FrameViolation.self) { try read(whole) }?.code == 1007)
        #expect(#expect(throws: FrameViolation.self) { try read(fragment) }?.code == 1007)
        // A letter that never ends.
        #expect(#expect(throws: FrameViolation.self) { try read([0x01, 1, 0xC3, 0x80, 0]) }?.code == 1007)
    }

    @Test("the size limit holds for all fragments together, and is met before the bytes are there")
    func sizes() throws {
        let fragment: [UInt8] = [0x02, 126, 1, 0xF4] + [UInt8](repeating: 0, count: 500)
        let more: [UInt8] = [0x00, 126, 1, 0xF4] + [UInt8](repeating: 0, count: 500)
        #expect(try read(fragment + more + [0x80, 0]).count == 1)
        #expect(#expect(throws: FrameViolation.self) { try read(fragment + more + [0x80, 1]) }?.code == 1009)
    }

    @Test("what is written is read back by the other side", arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_001])
    func roundTrip(length: Int) throws {
        let text = String(repeating: "ä", count: length / 2) + (length.isMultiple(of: 2) ? "" : "x")
        for (mask, role) in [(UInt32(0x0102_03FF), FrameRole.server), (nil, .client)] {
            var bytes = FrameWriter.frame(.text(text), mask: mask, allocator: .init())
            var reader = FrameReader(role: role, maxMessageSize: 100_000)
            #expect(try reader.next(from: &bytes) == .text(text))
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test("a close reason is cut at 123 bytes and never inside a letter")
    func reasons() throws {
        var bytes = FrameWriter.frame(
            .close(code: 4200, reason: String(repeating: "€", count: 60)), mask: nil, allocator: .init())
        var reader = FrameReader(role: .client, maxMessageSize: 1_000)
        #expect(try reader.next(from: &bytes) == .close(code: 4200, reason: String(repeating: "€", count: 41)))
    }
}
