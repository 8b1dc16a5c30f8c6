@_spi(_Unicode) import Swift

/// Folds text for matching what people type: names, search words, completions. Folded texts are equal where the originals
/// differ only in case, accents, width (`Ａ`, `ｱ`), normal form, or invisible scalars.
///
/// Folded text is compared by its scalars and never shown.
package enum Folding {
    package static func fold(_ text: some StringProtocol) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            return String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
        }
        var folded = String.UnicodeScalarView()
        for scalar in String(text)._nfd where !isIgnored(scalar) { append(narrow(scalar), to: &folded) }
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: String(folded)._nfc)
        return String(composed)
    }

    /// Whether the folded text begins with the folded beginning.
    package static func begins(_ text: some StringProtocol, with beginning: some StringProtocol) -> Bool {
        fold(text).unicodeScalars.starts(with: fold(beginning).unicodeScalars)
    }

    private static func append(_ scalar: Unicode.Scalar, to folded: inout String.UnicodeScalarView) {
        if scalar.properties.changesWhenLowercased || scalar.properties.changesWhenUppercased {
            // Upper case first: it also joins `ς` with `σ` and `ß` with `ss`.
            for upper in scalar.properties.uppercaseMapping.unicodeScalars {
                for lower in upper.properties.lowercaseMapping.unicodeScalars { appendPlain(lower, to: &folded) }
            }
        } else {
            appendPlain(scalar, to: &folded)
        }
    }

    private static func appendPlain(_ scalar: Unicode.Scalar, to folded: inout String.UnicodeScalarView) {
        if let plain = unaccented[scalar] {
            folded.append(contentsOf: plain.unicodeScalars)
        } else {
            folded.append(scalar)
        }
    }

    /// Accents, vowel points of Hebrew and Arabic, variation selectors, and format controls but for the tags of flags.
    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0xAD: false
        case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0xFE00...0xFE0F, 0xE0100...0xE01EF: true
        case 0x591...0x5BD, 0x5BF, 0x5C1...0x5C2, 0x5C4...0x5C5, 0x5C7: true
        case 0x610...0x61A, 0x640, 0x64B...0x65F, 0x670, 0x6D6...0x6DC, 0x6DF...0x6E4, 0x6E7...0x6E8, 0x6EA...0x6ED:
            true
        case 0xE0020...0xE007F: false
        default: scalar.properties.generalCategory == .format
        }
    }

    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        case 0xFF66...0xFF9F: katakana[Int(scalar.value - 0xFF66)]
        default: scalar
        }
    }

    /// The full-width forms of U+FF66…U+FF9F.
    private static let katakana = Array(
        "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u{3099}\u{309A}".unicodeScalars)

    /// Letters whose stroke or ligature is part of the letter and not a mark that can be taken off.
    private static let unaccented: [Unicode.Scalar: String] = [
        "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ß": "ss",
        // Typographic quotation marks and hyphens, which keyboards lack.
        "‘": "'", "’": "'", "ʼ": "'", "“": "\"", "”": "\"", "‐": "-", "‑": "-",
    ]
}
