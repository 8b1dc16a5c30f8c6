internal import CSodium

/// The key of one encrypted channel: XSalsa20-Poly1305 over event data. The engine never has it.
public struct ChannelCipher: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public static let keyLength = 32
    public static let nonceLength = 24
    static let tagLength = 16

    private let key: [UInt8]

    /// The key of `channel` under an app server's master key: SHA-256 of the name and the 32 bytes. Nil for other lengths.
    public init?(masterKey: [UInt8], channel: ChannelName) {
        guard masterKey.count == Self.keyLength else { return nil }
        key = Digest.sha256(Array(channel.text.utf8) + masterKey)
    }

    /// From the `shared_secret` of an authorization: 32 bytes in base64.
    public init?(sharedSecret: String) {
        guard let key = Base64.decode(sharedSecret), key.count == Self.keyLength else { return nil }
        self.key = key
    }

    /// What an authorization endpoint answers.
    public var sharedSecret: String { Base64.encode(key) }

    /// The `data` text of an event: `{"nonce":…,"ciphertext":…}`.
    ///
    /// - Parameter nonce: 24 bytes that were never used with this key before.
    public func seal(_ text: String, nonce: [UInt8]) -> String? {
        guard nonce.count == Self.nonceLength else { return nil }
        let message = Array(text.utf8)
        var sealed = [UInt8](repeating: 0, count: message.count + Self.tagLength)
        crypto_secretbox_easy(&sealed, message, UInt64(message.count), nonce, key)
        return (["nonce": .string(Base64.encode(nonce)), "ciphertext": .string(Base64.encode(sealed))] as JSON).text
    }

    /// Reads an event's data. Throws `.malformed` where no key could help, `.undecryptable` where another one might.
    public func open(_ data: JSON) throws(CipherError) -> JSON {
        guard let nonce = data["nonce"]?.string.flatMap(Base64.decode), nonce.count == Self.nonceLength,
            let sealed = data["ciphertext"]?.string.flatMap(Base64.decode), sealed.count >= Self.tagLength
        else { throw .malformed }
        var message = [UInt8](repeating: 0, count: sealed.count - Self.tagLength)
        guard crypto_secretbox_open_easy(&message, sealed, UInt64(sealed.count), nonce, key) == 0 else {
            throw .undecryptable
        }
        guard let text = String(validating: message, as: UTF8.self) else { throw .malformed }
        return (try? JSON(parsing: text)) ?? .string(text)
    }

    public var description: String { "ChannelCipher" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

public enum CipherError: Error, Hashable, Sendable {
    case malformed
    case undecryptable
}

/// Standard base64 with padding.
package enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        // With the terminating zero.
        let capacity = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
        return String(unsafeUninitializedCapacity: capacity) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { chars in
                _ = sodium_bin2base64(chars.baseAddress!, capacity, bytes, bytes.count, sodium_base64_VARIANT_ORIGINAL)
            }
            return capacity - 1
        }
    }

    package static func decode(_ text: String) -> [UInt8]? {
        let capacity = text.utf8.count / 4 * 3 + 3
        var count = 0
        var bytes = [UInt8](repeating: 0, count: capacity)
        guard
            sodium_base642bin(
                &bytes, capacity, text, text.utf8.count, nil, &count, nil, sodium_base64_VARIANT_ORIGINAL) == 0
        else { return nil }
        return Array(bytes[..<count])
    }
}
