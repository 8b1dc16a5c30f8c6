import ChannelsProtocol
import CSodium

/// What keeps an engine from reading what people write: every conversation's key is made from it, and it never leaves the
/// desk.
package struct MasterKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// From base64; nil for anything but 32 bytes.
    package init?(_ text: String) {
        guard let bytes = Base64.decode(text), bytes.count == ChannelCipher.keyLength else { return nil }
        self.bytes = bytes
    }

    /// What those are told who may read the channel.
    func sharedSecret(of channel: ChannelName) -> String? { cipher(channel)?.sharedSecret }

    /// The data of an event as it travels on an encrypted channel.
    func seal(_ data: String, on channel: String) -> String? {
        var nonce = [UInt8](repeating: 0, count: ChannelCipher.nonceLength)
        randombytes_buf(&nonce, nonce.count)
        return cipher(ChannelName(wire: channel))?.seal(data, nonce: nonce)
    }

    private func cipher(_ channel: ChannelName) -> ChannelCipher? { ChannelCipher(masterKey: bytes, channel: channel) }

    package var description: String { "MasterKey" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
