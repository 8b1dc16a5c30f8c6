public import NIOCore

/// Bytes in, whole messages out, strictly by RFC 6455: the half that NIO's own decoder leaves open.
///
/// Refused: reserved bits and opcodes, the wrong mask direction, lengths not in their shortest form, fragmented or long
/// control frames, a continuation without a beginning and a beginning inside a message, text that is not UTF-8 (noticed
/// in the fragment where it breaks), close codes nobody may send, and messages above `maxMessageSize`, which are refused
/// when their length is announced and not when it has been received.
public struct FrameReader {
    private let role: FrameRole
    private let maxMessageSize: Int
    private var header: Header?
    /// The opcode of the message whose fragments are being gathered.
    private var fragmented: UInt8?
    private var gathered = ByteBuffer()
    /// Of the message being gathered. Empty ones would otherwise go on for ever and count as nothing.
    private var fragments = 0
    static let maxFragments = 4_096
    private var utf8 = UTF8Check()

    struct Header {
        var isFinal: Bool
        var opcode: UInt8
        var length: Int
        var mask: UInt32?
        var isControl: Bool { opcode >= 8 }
    }

    public init(role: FrameRole, maxMessageSize: Int) {
        self.role = role
        self.maxMessageSize = maxMessageSize
    }

    /// The next whole message, or nil until more bytes have come; consumes what it used from `input`.
    public mutating func next(from input: inout ByteBuffer) throws(FrameViolation) -> FrameMessage? {
        while true {
            if header == nil { header = try readHeader(from: &input) }
            guard let frame = header, var payload = input.readSlice(length: frame.length) else { return nil }
            header = nil
            if let mask = frame.mask { payload.unmask(mask) }
            if frame.isControl { return try control(frame.opcode, payload) }
            if let message = try data(frame, &payload) { return message }
        }
    }

    private mutating func data(_ frame: Header, _ payload: inout ByteBuffer) throws(FrameViolation) -> FrameMessage? {
        let opcode = fragmented ?? frame.opcode
        if frame.isFinal, fragmented == nil {
            guard opcode == 1 else { return .binary(payload) }
            guard let text = String(validating: payload.readableBytesView, as: UTF8.self) else {
                throw .notUTF8("the text")
            }
            return .text(text)
        }
        if fragmented == nil {
            fragmented = opcode
            utf8 = UTF8Check()
            fragments = 0
        }
        fragments += 1
        guard fragments <= Self.maxFragments else { throw .tooManyFragments(Self.maxFragments) }
        if opcode == 1, !payload.withUnsafeReadableBytes({ utf8.accepts($0) }) { throw .notUTF8("the text") }
        gathered.writeBuffer(&payload)
        guard frame.isFinal else { return nil }
        fragmented = nil
        let whole = gathered
        gathered = ByteBuffer()
        guard opcode == 1 else { return .binary(whole) }
        guard utf8.isComplete else { throw .notUTF8("the text") }
        return .text(String(decoding: whole.readableBytesView, as: UTF8.self))
    }

    private func control(_ opcode: UInt8, _ payload: ByteBuffer) throws(FrameViolation) -> FrameMessage {
        switch opcode {
        case 9: return .ping(payload)
        case 10: return .pong(payload)
        default: break
        }
        var rest = payload
        guard rest.readableBytes > 0 else { return .close(code: nil, reason: "") }
        guard let code = rest.readInteger(as: UInt16.self) else {
            throw .broken("a close frame is empty or begins with a code of two bytes")
        }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .broken("close code \(code) may not be sent")
        }
        guard let reason = String(validating: rest.readableBytesView, as: UTF8.self) else {
            throw .notUTF8("the close reason")
        }
        return .close(code: code, reason: reason)
    }

    /// Nil until the whole header is there, mask included.
    private mutating func readHeader(from input: inout ByteBuffer) throws(FrameViolation) -> Header? {
        let start = input.readerIndex
        guard let first = input.getInteger(at: start, as: UInt8.self),
            let second = input.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        var header = Header(isFinal: first & 0x80 != 0, opcode: first & 0x0F, length: Int(second & 0x7F), mask: nil)
        let isMasked = second & 0x80 != 0
        try check(header, reserved: first & 0x70, isMasked: isMasked)
        var size = 2
        switch header.length {
        case 126:
            guard let length = input.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            guard length > 125 else { throw .broken("a length is written in its shortest form") }
            header.length = Int(length)
            size += 2
        case 127:
            guard let length = input.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            guard length > 65_535 else { throw .broken("a length is written in its shortest form") }
            guard length <= UInt64(maxMessageSize) else { throw .tooBig(maxMessageSize) }
            header.length = Int(length)
            size += 8
        default: break
        }
        if !header.isControl, header.length > maxMessageSize - gathered.readableBytes { throw .tooBig(maxMessageSize) }
        if isMasked {
            guard let mask = input.getInteger(at: start + size, as: UInt32.self) else { return nil }
            header.mask = mask
            size += 4
        }
        input.moveReaderIndex(forwardBy: size)
        return header
    }

    private func check(_ header: Header, reserved: UInt8, isMasked: Bool) throws(FrameViolation) {
        guard reserved == 0 else { throw .broken("a reserved bit is set and no extension was agreed") }
        guard isMasked == (role == .server) else {
            throw .broken(role == .server ? "a client's frame must be masked" : "a server's frame may not be masked")
        }
        switch header.opcode {
        case 0: if fragmented == nil { throw .broken("a continuation without a beginning") }
        case 1, 2: if fragmented != nil { throw .broken("a new message inside a fragmented one") }
        case 8, 9, 10:
            guard header.isFinal else { throw .broken("a control frame may not be fragmented") }
            guard header.length <= 125 else { throw .broken("a control frame has at most 125 bytes") }
        default: throw .broken("opcode \(header.opcode) is reserved")
        }
    }
}

extension ByteBuffer {
    /// XORs the readable bytes with the mask, whose first byte on the wire is its highest.
    mutating func unmask(_ mask: UInt32) {
        guard mask != 0 else { return }
        withUnsafeMutableReadableBytes { bytes in
            let wide = UInt64(mask.bigEndian) | UInt64(mask.bigEndian) << 32
            let words = bytes.count / 8
            for word in 0..<words {
                let value = bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
                bytes.storeBytes(of: value ^ wide, toByteOffset: word * 8, as: UInt64.self)
            }
            for index in (words * 8)..<bytes.count {
                bytes[index] ^= UInt8(truncatingIfNeeded: mask >> (24 - 8 * UInt32(index & 3)))
            }
        }
    }
}
