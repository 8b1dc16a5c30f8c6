/// Bytes from a terminal → keys. Quiet: the time is an argument, the memory is bounded, nothing is asked back.
///
/// What begins with Esc and is not understood is swallowed to its end and never becomes text. A lone Esc is told from
/// the beginning of a sequence by time: whoever feeds also calls `tick` when `deadline` has come.
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
        /// How long the rest of a sequence that has begun is waited for.
        package var sequenceDelay: Duration = .milliseconds(250)
        /// How long a paste may fall silent before it counts as ended.
        package var pasteDelay: Duration = .seconds(2)
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
        case .paste: lastByte + settings.pasteDelay
        }
    }

    package mutating func feed(_ bytes: some Sequence<UInt8>, now: Duration) -> [Key] {
        var keys = tick(now: now)
        for byte in bytes {
            lastByte = now
            take(byte, &keys)
        }
        return keys
    }

    /// Ends what has waited long enough: a lone Esc becomes a key, a torn sequence is dropped, a torn paste delivered.
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
        case .csi where sequenceLength == 0: keys.append(.alt("["))
        case .ss3 where sequenceLength == 0: keys.append(.alt("O"))
        case .string(let introducer, _) where sequenceLength == 0: keys += KeyDecoder.control(introducer, .alt)
        case .csi, .ss3, .string, .stringEscape, .linuxFunction, .oldMouse: break
        case .paste: if let text = pasted.finish() { keys.append(.paste(text)) }
        }
        reset()
        return keys
    }

    private mutating func reset() {
        state = .ground
        hasAlt = false
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
