public import NIOCore

/// Messages in, frames out: one unfragmented frame each, masked where the role is a client's.
public enum FrameWriter {
    /// A text frame as every receiver of a server gets it: made once, written many times.
    public static func text(_ text: String, allocator: ByteBufferAllocator = .init()) -> ByteBuffer {
        var text = text
        return text.withUTF8 { bytes in
            var buffer = allocator.buffer(capacity: bytes.count + 10)
            writeHeader(opcode: 1, length: bytes.count, isMasked: false, to: &buffer)
            buffer.writeBytes(bytes)
            return buffer
        }
    }

    /// - Parameter mask: nil for a server; a fresh random number for a client.
    public static func frame(_ message: FrameMessage, mask: UInt32?, allocator: ByteBufferAllocator) -> ByteBuffer {
        let opcode: UInt8
        var payload: ByteBuffer
        switch message {
        case .text(let text):
            if mask == nil { return Self.text(text, allocator: allocator) }
            (opcode, payload) = (1, allocator.buffer(string: text))
        case .binary(let bytes): (opcode, payload) = (2, bytes)
        case .close(let code, let reason): (opcode, payload) = (8, closePayload(code, reason, allocator))
        case .ping(let bytes): (opcode, payload) = (9, bytes)
        case .pong(let bytes): (opcode, payload) = (10, bytes)
        }
        var buffer = allocator.buffer(capacity: payload.readableBytes + 14)
        writeHeader(opcode: opcode, length: payload.readableBytes, isMasked: mask != nil, to: &buffer)
        if let mask {
            buffer.writeInteger(mask)
            payload.unmask(mask)
        }
        buffer.writeBuffer(&payload)
        return buffer
    }

    private static func writeHeader(opcode: UInt8, length: Int, isMasked: Bool, to buffer: inout ByteBuffer) {
        buffer.writeInteger(0x80 | opcode)
        let mask: UInt8 = isMasked ? 0x80 : 0
        if length < 126 {
            buffer.writeInteger(mask | UInt8(length))
        } else if length <= 0xFFFF {
            buffer.writeInteger(mask | 126)
            buffer.writeInteger(UInt16(length))
        } else {
            buffer.writeInteger(mask | 127)
            buffer.writeInteger(UInt64(length))
        }
    }

    /// A reason has at most 123 bytes and never half a character.
    private static func closePayload(_ code: UInt16?, _ reason: String, _ allocator: ByteBufferAllocator) -> ByteBuffer
    {
        var payload = allocator.buffer(capacity: 125)
        guard let code else { return payload }
        payload.writeInteger(code)
        for character in reason.unicodeScalars {
            let bytes = String(character).utf8
            guard payload.readableBytes + bytes.count <= 125 else { break }
            payload.writeBytes(bytes)
        }
        return payload
    }
}
