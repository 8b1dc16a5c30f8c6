import ChannelsProtocol
import Testing

@Suite("encrypted channels")
struct ChannelCipherTests {
    let cipher = ChannelCipher(masterKey: Array(0...31), channel: "private-encrypted-chat-3-17")!
    let nonce = Array(UInt8(100)...123)
    let sealed: JSON = [
        "nonce": "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7",
        "ciphertext": "Nfvrr7qRWhMkXsEdCHHR9UAT4y13PzXkzQLyyDcxeZPkVWCmxQ==",
    ]

    @Test("have the key, nonce and ciphertext that libsodium computes")
    func vector() throws {
        #expect(cipher.sharedSecret == "YWAb52VKQOEG0ePIeELYThhebcQS8R6bbBt2sDU9R1k=")
        #expect(cipher.seal(#"{"id":1,"text":"hé"}"#, nonce: nonce) == sealed.text)
        #expect(try cipher.open(sealed) == ["id": 1, "text": "hé"])
        #expect(ChannelCipher(sharedSecret: cipher.sharedSecret) == cipher)
    }

    @Test("tell another key from a broken message")
    func failures() {
        let other = ChannelCipher(masterKey: Array(0...31), channel: "private-encrypted-chat-3-18")!
        #expect(throws: CipherError.undecryptable) { try other.open(sealed) }
        for broken: JSON in [
            .null, "x", [:], ["nonce": sealed["nonce"]!], ["nonce": "AAAA", "ciphertext": sealed["ciphertext"]!],
            ["nonce": sealed["nonce"]!, "ciphertext": "AAAA"], ["nonce": sealed["nonce"]!, "ciphertext": "*"],
            ["nonce": sealed["nonce"]!, "ciphertext": 7],
        ] {
            #expect(throws: CipherError.malformed) { try cipher.open(broken) }
        }
    }

    @Test("want keys of 32 bytes and nonces of 24")
    func lengths() {
        #expect(ChannelCipher(masterKey: [1], channel: "private-encrypted-x") == nil)
        #expect(ChannelCipher(sharedSecret: "AAAA") == nil)
        #expect(ChannelCipher(sharedSecret: "not base64") == nil)
        #expect(cipher.seal("x", nonce: [1]) == nil)
        #expect(cipher.seal("", nonce: nonce) != nil)
    }
}
