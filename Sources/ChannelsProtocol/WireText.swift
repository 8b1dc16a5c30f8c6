/// A text of the wire as a key: two texts are the same only if their bytes are.
///
/// `String` compares by canonical equivalence, under which `é` as one scalar and as two are equal; on the wire they are two
/// users, or two channels.
public struct WireText: Hashable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func == (a: WireText, b: WireText) -> Bool { equal(a.text, b.text) }

    public func hash(into hasher: inout Hasher) { Self.hash(text, into: &hasher) }

    static func equal(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    static func hash(_ text: String, into hasher: inout Hasher) {
        let isHashed =
            text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) } != nil
        if !isHashed { for byte in text.utf8 { hasher.combine(byte) } }
        // No byte of UTF-8: what follows cannot be taken for a part of the text.
        hasher.combine(UInt8(0xFF))
    }
}
