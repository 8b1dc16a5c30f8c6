/// A master key as it stands in a file, and its bytes.
enum TestKey {
    static let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    static let bytes = [UInt8](0..<32)
}
