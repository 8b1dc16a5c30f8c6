/// An address that a terminal may be given.
package enum LinkAddress {
    /// What VTE takes at most.
    static let maxBytes = 2083

    /// `text` with everything but visible ASCII percent-encoded; nil where it is empty or too long.
    package static func of(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.count <= maxBytes else { return nil }
        var out = ""
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out.utf8.count <= maxBytes ? out : nil
    }
}
