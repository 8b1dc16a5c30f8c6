import NIOCore

/// Bytes at the WebSocket door, both roles, whole and cut anywhere: the same messages and the same end either way, no
/// message beyond the limit, and every message that is written is read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard size > 1 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let role: FrameRole = bytes[0] & 1 == 0 ? .server : .client
    let step = Int(bytes[0] >> 1) + 1
    let whole = read([bytes[1...]], role)
    let pieces = stride(from: 1, to: size, by: step).map { bytes[$0..<min($0 + step, size)] }
    let cut = read(pieces, role)
    // A text's broken character is found in the fragment where it breaks, which may have come later as a whole.
    guard whole.messages == cut.messages, whole.violation == cut.violation else {
        fatalError("whole \(whole), in pieces of \(step) \(cut)")
    }
    for message in whole.messages {
        let mask: UInt32? = role == .server ? 0x8020_4001 : nil
        var frame = FrameWriter.frame(message, mask: mask, allocator: .init())
        var reader = FrameReader(role: role, maxMessageSize: limit)
        guard let again = try? reader.next(from: &frame), again == message else { fatalError("written: \(message)") }
    }
    return 0
}

private let limit = 4_096

private func read(
    _ pieces: [ArraySlice<UInt8>], _ role: FrameRole
) -> (messages: [FrameMessage], violation: FrameViolation?) {
    var reader = FrameReader(role: role, maxMessageSize: limit)
    var input = ByteBuffer()
    var messages: [FrameMessage] = []
    for piece in pieces {
        input.writeBytes(piece)
        do throws(FrameViolation) {
            while let message = try reader.next(from: &input) {
                messages.append(message)
                if case .text(let text) = message, text.utf8.count > limit { fatalError("too long") }
                if case .binary(let bytes) = message, bytes.readableBytes > limit { fatalError("too long") }
                if case .close = message { return (messages, nil) }
            }
        } catch {
            return (messages, error)
        }
    }
    return (messages, nil)
}
