/// Bytes from a terminal → keys. Quiet: the time is an argument, the memory is bounded, nothing is asked back.
///
/// What begins with Esc and is not understood is swallowed to its end and never becomes text, also where it comes in
/// pieces. A lone Esc is told from the beginning of a sequence by time: whoever feeds also calls `tick` when `deadline`
/// has come.
///
///     ground ── Esc ──► escape ──┬─ [ ──► CSI ──► key, paste, mouse, focus, or swallowed
///                                ├─ O ──► SS3 ──► key
///                                ├─ ] P X ^ _ ──► string, swallowed up to ST or BEL
///                                └─ other ──► Alt-key
///
/// A new sequence goes into `KeyDecoder+Sequences`.
package struct KeyDecoder: Sendable {
    package struct Settings: Sendable {
        /// How long a lone Esc waits for the rest of a sequence; 150 ms suit a slow line.
        package var escapeDelay: Duration = .milliseconds(25)
        /// How long the rest of a sequence or of a character is waited for.
        package var sequenceDelay: Duration = .seconds(1)
        /// For how long after that the rest is still recognized and swallowed, if it comes in one piece.
        package var tornDelay: Duration = .seconds(10)
        /// The same after an `Esc` that was taken for a key.
        package var escapeRestDelay: Duration = .seconds(2)
        /// How long a paste may fall silent before what came so far is delivered. The paste goes on nevertheless.
        package var pasteDelay: Duration = .seconds(2)
        /// How long a paste may fall silent before it counts as ended. A key that is no text ends it sooner.
        package var pasteEnd: Duration = .seconds(60)
        /// What follows a paste without brackets within this time belongs to it.
        package var burstDelay: Duration = .milliseconds(100)
        /// Bytes of one paste that are kept; the rest is left out.
        package var pasteLimit = 1 << 20

        package init() {}
    }

    enum State: Equatable {
        case ground
        case escape
        case csi
        /// After `CSI [`: one more character, as the Linux console sends F1 to F5.
        case linuxFunction
        case ss3
        /// OSC, DCS, SOS, PM, APC; `endsWithBell` for OSC only.
        case string(introducer: UInt8, endsWithBell: Bool)
        case stringEscape(endsWithBell: Bool)
        /// The three bytes of an old mouse report, which may be anything.
        case oldMouse(left: Int)
        case paste
    }

    static let parameterLimit = 64

    let settings: Settings
    private(set) var state = State.ground
    /// An Esc stood before the sequence or character being read.
    private var hasAlt = false
    /// Parameter and intermediate bytes of the current sequence, at most `parameterLimit`.
    private var parameters: [UInt8] = []
    /// The bytes of the current sequence, also those not kept.
    private var sequenceLength = 0
    /// An unfinished UTF-8 character.
    private var utf8: [UInt8] = []
    private var pasted: PasteCollector
    private var lastByte: Duration = .zero
    /// What was pasted so far has been delivered, and the end has not come.
    private var isPasteSilent = false
    /// When the last piece of a paste without brackets came.
    private var burstAt: Duration?
    /// What was given up because its rest did not come in time, and when.
    private var torn: (kind: Torn, at: Duration)?

    private enum Torn {
        /// A lone Esc that was taken for a key.
        case escape
        case csi
        case string(endsWithBell: Bool)
    }

    package init(settings: Settings = Settings()) {
        self.settings = settings
        pasted = PasteCollector(limit: settings.pasteLimit)
    }

    /// When `tick` has something to do; nil while nothing is unfinished.
    package var deadline: Duration? {
        switch state {
        case .ground: utf8.isEmpty ? nil : lastByte + settings.sequenceDelay
        case .escape: lastByte + settings.escapeDelay
        case .csi, .linuxFunction, .ss3, .string, .stringEscape, .oldMouse: lastByte + settings.sequenceDelay
        case .paste where pasted.isAfterEscape && isPasteSilent: lastByte + settings.escapeDelay
        case .paste: isPasteSilent ? nil : lastByte + settings.pasteDelay
        }
    }

    /// Takes what one read gave.
    package mutating func feed(_ bytes: some Collection<UInt8>, now: Duration) -> [Key] {
        var keys = tick(now: now)
        guard !bytes.isEmpty else { return keys }
        if isPasteSilent, let key = feedSilentPaste(bytes, now) {
            lastByte = now
            return keys + key
        }
        if state == .ground, utf8.isEmpty {
            if isBurst(bytes, now) {
                burstAt = now
                lastByte = now
                for byte in bytes { _ = pasted.take(byte) }
                return keys + (pasted.finish().map { [.paste($0)] } ?? [])
            }
            resume(bytes, now)
        }
        torn = nil
        burstAt = nil
        for byte in bytes {
            lastByte = now
            take(byte, &keys)
        }
        if isPasteSilent, let text = pasted.part() { keys.append(.paste(text)) }
        return keys
    }

    /// What comes after a pause in a paste whose end has not come. Nil where the bytes are to be read as any others: as more
    /// of the paste, or, after that was ended here, as keys.
    private mutating func feedSilentPaste(_ bytes: some Collection<UInt8>, _ now: Duration) -> [Key]? {
        guard let first = bytes.first, !pasted.isAfterEscape else { return nil }
        let isKey = first == 0x1B ? !PasteCollector.end.starts(with: bytes.prefix(PasteCollector.end.count)) : false
        let isControl =
            bytes.count == 1 && (first < 0x20 || first == 0x7F) && ![0x09, 0x0A, 0x0D, 0x1B].contains(first)
        if isKey || isControl || now - lastByte > settings.pasteEnd {
            _ = pasted.finish()
            reset()
            return nil
        }
        // Somebody types, as far as can be seen.
        return bytes.count == 1 && first >= 0x20 && first < 0x7F ? [.character(Character(Unicode.Scalar(first)))] : nil
    }

    /// Whether bytes are one whole sequence but for its Esc.
    private static func isSequence(_ bytes: some Collection<UInt8>) -> Bool {
        let rest = bytes.dropFirst()
        switch bytes.first {
        case 0x5B:
            let final = rest.drop { $0 >= 0x20 && $0 < 0x40 }
            return final.count == 1 && final.allSatisfy { $0 >= 0x40 && $0 < 0x7F }
        case 0x4F: return rest.count == 1 && rest.allSatisfy { "ABCDFHPQRS".utf8.contains($0) }
        case 0x5D:
            let end = rest.drop { $0 >= 0x20 && $0 < 0x7F }
            return (0x30...0x39).contains(rest.first ?? 0) && (end.first == 0x07 || end.first == 0x1B)
        default: return false
        }
    }

    /// Goes on with a sequence that was given up. Nobody types two characters at once, so several that are its rest are it.
    private mutating func resume(_ bytes: some Collection<UInt8>, _ now: Duration) {
        guard let torn, now - torn.at <= settings.tornDelay, bytes.count > 1, let first = bytes.first else { return }
        switch torn.kind {
        case .escape: if now - torn.at <= settings.escapeRestDelay, KeyDecoder.isSequence(bytes) { begin(.escape) }
        case .csi:
            let rest = bytes.drop { $0 >= 0x20 && $0 < 0x40 }
            guard first < 0x40, let final = rest.first, final >= 0x40, final < 0x7F else { return }
            begin(.csi)
            // Nothing that is half known is a key.
            sequenceLength = KeyDecoder.parameterLimit + 1
        case .string(let endsWithBell):
            let rest = bytes.drop { $0 >= 0x20 && $0 < 0x7F }
            guard let end = rest.first, end == 0x1B || (end == 0x07 && endsWithBell) else { return }
            begin(.string(introducer: 0x5D, endsWithBell: endsWithBell))
            sequenceLength = KeyDecoder.parameterLimit + 1
        }
    }

    /// Whether bytes of one read are a paste from a terminal without bracketed paste: several lines at once, or what
    /// comes right after them.
    private func isBurst(_ bytes: some Collection<UInt8>, _ now: Duration) -> Bool {
        guard bytes.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
            return false
        }
        if let burstAt, now - burstAt <= settings.burstDelay { return bytes.count > 1 }
        guard let first = bytes.firstIndex(of: 0x0D) else { return false }
        let rest = bytes[first...].dropFirst()
        return rest.contains(0x0D) && rest.contains { $0 >= 0x20 }
    }

    /// Ends what has waited long enough: a lone Esc becomes a key, a torn sequence is dropped, what came of a paste is
    /// delivered.
    package mutating func tick(now: Duration) -> [Key] {
        guard let deadline, now >= deadline else { return [] }
        var keys: [Key] = []
        switch state {
        case .ground:
            utf8.removeAll(keepingCapacity: true)
            keys.append(.character("\u{FFFD}"))
        case .escape:
            if hasAlt { keys.append(.escape) }
            keys.append(.escape)
            torn = (.escape, now)
        case .csi:
            if sequenceLength == 0 { keys.append(.alt("[")) }
            torn = (.csi, now)
        case .ss3: if sequenceLength == 0 { keys.append(.alt("O")) }
        case .string(let introducer, let endsWithBell):
            if sequenceLength == 0 { keys += KeyDecoder.control(introducer, .alt) }
            torn = (.string(endsWithBell: endsWithBell), now)
        case .stringEscape, .linuxFunction, .oldMouse: break
        case .paste where !isPasteSilent:
            isPasteSilent = true
            return pasted.part().map { [.paste($0)] } ?? []
        // An Esc after silence is a key: it ends the paste.
        case .paste: _ = pasted.finish()
        }
        reset()
        return keys
    }

    private mutating func reset() {
        state = .ground
        hasAlt = false
        isPasteSilent = false
        sequenceLength = 0
        parameters.removeAll(keepingCapacity: true)
    }

    private mutating func take(_ byte: UInt8, _ keys: inout [Key]) {
        switch state {
        case .ground: takePlain(byte, &keys)
        case .escape: takeAfterEscape(byte, &keys)
        case .csi: takeInCSI(byte, &keys)
        case .linuxFunction:
            if (0x41...0x45).contains(byte) { keys.append(.named(.function(Int(byte) - 0x40), alt)) }
            reset()
        case .ss3: takeInSS3(byte, &keys)
        case .string(_, let endsWithBell):
            if byte == 0x1B {
                state = .stringEscape(endsWithBell: endsWithBell)
            } else if byte == 0x07, endsWithBell {
                finishString(&keys)
            } else if byte == 0x18 || byte == 0x1A {
                reset()
            } else if parameters.count < KeyDecoder.parameterLimit {
                parameters.append(byte)
            }
            if state != .ground { sequenceLength += 1 }
        case .stringEscape(let endsWithBell):
            if byte == 0x5C, endsWithBell { finishString(&keys) }
            reset()
            if byte != 0x5C {
                state = .escape
                take(byte, &keys)
            }
        case .oldMouse(let left):
            if left > 1 { state = .oldMouse(left: left - 1) } else { reset() }
        case .paste:
            guard pasted.take(byte) else { return }
            if let text = pasted.finish() { keys.append(.paste(text)) }
            reset()
        }
    }

    private var alt: Key.Modifiers { hasAlt ? .alt : [] }

    private mutating func begin(_ next: State) {
        state = next
        sequenceLength = 0
        parameters.removeAll(keepingCapacity: true)
    }

    /// An OSC has ended: the one answer that is understood says what the background is.
    private mutating func finishString(_ keys: inout [Key]) {
        if sequenceLength <= KeyDecoder.parameterLimit, let ground = Ground(answer: parameters) {
            keys.append(.ground(ground))
        }
        reset()
    }

    // MARK: Characters

    private mutating func takePlain(_ byte: UInt8, _ keys: inout [Key]) {
        if !utf8.isEmpty || byte >= 0x80 {
            takeUTF8(byte, &keys)
        } else if byte == 0x1B {
            begin(.escape)
        } else if byte < 0x20 || byte == 0x7F {
            keys += KeyDecoder.control(byte, alt)
            hasAlt = false
        } else {
            keys.append(.character(Character(Unicode.Scalar(byte)), alt))
            hasAlt = false
        }
    }

    private mutating func takeUTF8(_ byte: UInt8, _ keys: inout [Key]) {
        let isContinuation = byte & 0xC0 == 0x80
        if utf8.isEmpty {
            if KeyDecoder.utf8Length(byte) > 1 {
                utf8.append(byte)
            } else {
                give("\u{FFFD}", &keys)
            }
        } else if isContinuation {
            utf8.append(byte)
            guard utf8.count == KeyDecoder.utf8Length(utf8[0]) else { return }
            let text = String(decoding: utf8, as: UTF8.self)
            utf8.removeAll(keepingCapacity: true)
            // Overlong forms and surrogates decode to several replacement characters; one is enough.
            let scalar = text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
            if let scalar, (0x80...0x9F).contains(scalar.value) {
                hasAlt = false
            } else {
                give(Character(scalar ?? "\u{FFFD}"), &keys)
            }
        } else {
            utf8.removeAll(keepingCapacity: true)
            give("\u{FFFD}", &keys)
            take(byte, &keys)
        }
    }

    private mutating func give(_ character: Character, _ keys: inout [Key]) {
        keys.append(.character(character, alt))
        hasAlt = false
    }

    private static func utf8Length(_ first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    // MARK: Sequences

    private mutating func takeAfterEscape(_ byte: UInt8, _ keys: inout [Key]) {
        switch byte {
        case 0x1B:
            // Esc twice, or rxvt's Alt with an arrow; a third one makes the first a key.
            if hasAlt { keys.append(.escape) }
            hasAlt = true
            begin(.escape)
        case 0x5B: begin(.csi)
        case 0x4F: begin(.ss3)
        case 0x5D: begin(.string(introducer: byte, endsWithBell: true))
        case 0x50, 0x58, 0x5E, 0x5F: begin(.string(introducer: byte, endsWithBell: false))
        default:
            if hasAlt { keys.append(.escape) }
            hasAlt = true
            state = .ground
            takePlain(byte, &keys)
        }
    }

    private mutating func takeInCSI(_ byte: UInt8, _ keys: inout [Key]) {
        if byte == 0x1B {
            hasAlt = false
            begin(.escape)
        } else if byte < 0x20 || byte >= 0x7F {
            reset()
        } else if byte < 0x40 {
            if parameters.count < KeyDecoder.parameterLimit { parameters.append(byte) }
            sequenceLength += 1
            // rxvt ends Shift with a function key in `$`, which elsewhere is followed by a letter.
            if byte == 0x24, let key = KeyDecoder.rxvtShift(parameters, alt) {
                keys.append(key)
                reset()
            }
        } else {
            finishCSI(byte, &keys)
        }
    }

    private mutating func finishCSI(_ final: UInt8, _ keys: inout [Key]) {
        let isBare = sequenceLength == 0
        let isWhole = sequenceLength <= KeyDecoder.parameterLimit
        if isBare, final == 0x5B {
            begin(.linuxFunction)
        } else if isBare, final == 0x4D {
            begin(.oldMouse(left: 3))
        } else if isWhole, final == 0x7E, parameters == [0x32, 0x30, 0x30] {
            reset()
            state = .paste
        } else {
            if isWhole, let key = KeyDecoder.key(csi: parameters, final: final, alt) { keys.append(key) }
            reset()
        }
    }

    private mutating func takeInSS3(_ byte: UInt8, _ keys: inout [Key]) {
        switch byte {
        case 0x1B:
            hasAlt = false
            begin(.escape)
        case 0x30...0x39:
            if parameters.count < KeyDecoder.parameterLimit { parameters.append(byte) }
            sequenceLength += 1
        default:
            if let key = KeyDecoder.key(ss3: parameters, final: byte, alt) { keys.append(key) }
            reset()
        }
    }
}
