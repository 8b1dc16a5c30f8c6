/// An address that a terminal, or a program that opens it, may be given; and the same as people read it.
package enum LinkAddress {
    /// What VTE takes at most.
    static let maxBytes = 2083

    /// `text` with its host in ASCII and everything but visible ASCII percent-encoded; nil where it is empty or too long.
    package static func of(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.count <= maxBytes else { return nil }
        let parts = Parts(text)
        let whole = parts.scheme.lowercased() + parts.user + HostName.ascii(parts.host) + parts.rest
        var out = ""
        for byte in whole.utf8 {
            if byte > 0x20, byte < 0x7F {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                out += encoded(CollectionOfOne(byte))
            }
        }
        return out.utf8.count <= maxBytes ? out : nil
    }

    /// `text` with its host in the letters of its language, unless that can be taken for another host. What is not seen
    /// is percent-encoded.
    package static func readable(_ text: String) -> String {
        let parts = Parts(text)
        var out = ""
        for scalar in (parts.scheme + parts.user + HostName.readable(parts.host) + parts.rest).unicodeScalars {
            switch CharacterClass(scalar.value) {
            case .control, .marked, .dropped: out += encoded(scalar.utf8)
            case .narrow, .wide, .combining: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        bytes.reduce(into: "") { $0 += "%" + ($1 < 16 ? "0" : "") + String($1, radix: 16, uppercase: true) }
    }

    /// `https://` · `user@` · the host · everything after it.
    private struct Parts {
        var scheme = ""
        var user = ""
        var host = ""
        var rest = ""

        init(_ text: String) {
            let bytes = text.utf8
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
                rest = text
                return
            }
            let start = bytes.index(colon, offsetBy: 3)
            let end = bytes[start...].firstIndex { "/?#\\".utf8.contains($0) } ?? bytes.endIndex
            let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")).map(bytes.index(after:)) ?? start
            // The colons of an IPv6 address stand in brackets, of which nothing is translated.
            let port = bytes[at..<end].firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") } ?? end
            scheme = String(text[..<start])
            user = String(text[start..<at])
            host = String(text[at..<port])
            rest = String(text[port...])
        }
    }
}
