import ChannelsProtocol

/// JSON, the frames of both directions, names and ciphertexts: whatever comes, an answer and never a trap; and what is
/// written is read again as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    if let value = try? JSON(parsing: bytes) {
        guard let again = try? JSON(parsing: value.text), again == value else { fatalError("JSON: \(value.text)") }
        let cipher = ChannelCipher(masterKey: [UInt8](repeating: 1, count: 32), channel: "private-encrypted-a")
        _ = try? cipher?.open(value)
        _ = Member(value)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let event = try? ServerEvent(decoding: text) {
        let written = event.text
        guard let again = try? ServerEvent(decoding: written) else { fatalError("server event: \(written)") }
        guard again.text == written else { fatalError("server event changes: \(written) \(again.text)") }
    }
    if let frame = try? ClientFrame(decoding: text) {
        let written = frame.text
        guard let again = try? ClientFrame(decoding: written) else { fatalError("client frame: \(written)") }
        if case .unsupported = frame { return 0 }
        guard again == frame else { fatalError("client frame changes: \(written)") }
    }
    if let id = SocketID(text), SocketID(id.text) != id { fatalError("socket id") }
    if let name = ChannelName(text), name.text != text { fatalError("channel name") }
    return 0
}
