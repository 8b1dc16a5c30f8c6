/// Who somebody is to the desk: 1–64 characters of `A–Z a–z 0–9 _ - = @ , . ;`, beginning with a letter, digit or `_`,
/// and at most 75 bytes once escaped (two of them make a channel name of at most 164).
package struct UserID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let maxLength = 64
    package static let maxEscapedLength = 75

    package let text: String

    /// Throws what is wrong with `text`, in a sentence a person can act on.
    package init(validating text: String) throws(UserIDError) {
        guard !text.isEmpty else { throw .empty }
        let bytes = text.utf8
        if let wrong = text.unicodeScalars.first(where: { !Self.allows($0) }) { throw .character(wrong, text) }
        guard bytes.count <= Self.maxLength else { throw .tooLong(bytes.count) }
        guard let first = text.unicodeScalars.first, first == "_" || Self.isAlphanumeric(first) else {
            throw .beginning(text)
        }
        let id = UserID(unchecked: text)
        guard id.escaped.utf8.count <= Self.maxEscapedLength else { throw .tooLongEscaped(id.escaped.utf8.count) }
        self = id
    }

    /// Nil where `init(validating:)` throws.
    package init?(_ text: String) {
        guard let id = try? UserID(validating: text) else { return nil }
        self = id
    }

    private init(unchecked text: String) { self.text = text }

    /// The nearest valid id to a login name: other characters become `_`, what is too long is cut.
    package static func near(_ loginName: String) -> UserID {
        var kept = ""
        for scalar in loginName.unicodeScalars {
            let wanted: Unicode.Scalar = allows(scalar) ? scalar : "_"
            let needsPrefix = kept.isEmpty && wanted != "_" && !isAlphanumeric(wanted)
            let longer = kept + (needsPrefix ? "_" : "") + String(Character(wanted))
            guard longer.utf8.count <= maxLength, UserID(unchecked: longer).escaped.utf8.count <= maxEscapedLength
            else {
                break
            }
            kept = longer
        }
        return UserID(unchecked: kept.isEmpty ? "_" : kept)
    }

    /// The id as it stands inside a channel name: every byte outside `A–Z a–z 0–9 _ @ , . ;` is `=XX`, upper-case hex.
    package var escaped: String {
        var out = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar == "-" || scalar == "=" || !Self.allows(scalar) {
                out += "="
                out += Self.hexDigits[Int(byte >> 4)]
                out += Self.hexDigits[Int(byte & 15)]
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// The id whose `escaped` form this is; nil for anything no id escapes to.
    package init?(escaped: some StringProtocol) {
        var bytes: [UInt8] = []
        var rest = escaped.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hexValue), let low = rest.popFirst().flatMap(Self.hexValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        guard let id = UserID(String(decoding: bytes, as: UTF8.self)), id.escaped.utf8.elementsEqual(escaped.utf8)
        else { return nil }
        self = id
    }

    package var description: String { text }

    /// The order in which two ids stand in a channel name: both all digits as integers of any length, else by bytes.
    package static func < (a: UserID, b: UserID) -> Bool {
        if a.isNumeric, b.isNumeric {
            let x = a.text.utf8.drop { $0 == UInt8(ascii: "0") }
            let y = b.text.utf8.drop { $0 == UInt8(ascii: "0") }
            if x.count != y.count { return x.count < y.count }
            if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
        }
        return a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }

    private var isNumeric: Bool { text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }

    private static let hexDigits = "0123456789ABCDEF".map(String.init)

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }

    private static func allows(_ scalar: Unicode.Scalar) -> Bool {
        if isAlphanumeric(scalar) { return true }
        switch scalar {
        case "_", "-", "=", "@", ",", ".", ";": return true
        default: return false
        }
    }
}

/// Why a text is no user id.
package enum UserIDError: Error, Equatable, CustomStringConvertible {
    case empty
    case tooLong(Int)
    case tooLongEscaped(Int)
    case beginning(String)
    case character(Unicode.Scalar, String)

    package var description: String {
        switch self {
        case .empty: "a user id cannot be empty; use 1 to 64 letters, digits or _ - = @ , . ;"
        case .tooLong(let count): "a user id has at most \(UserID.maxLength) characters; this one has \(count)"
        case .tooLongEscaped(let count):
            "a user id has at most \(UserID.maxEscapedLength) bytes once - and = are escaped; this one has \(count)"
        case .beginning(let text): "a user id begins with a letter, a digit or _; \"\(text)\" does not"
        case .character(let scalar, _):
            "a user id has only letters, digits and _ - = @ , . ;; U+\(String(scalar.value, radix: 16, uppercase: true)) is none of them"
        }
    }
}
