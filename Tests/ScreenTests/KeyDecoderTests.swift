import Screen
import Testing

@Suite("bytes to keys")
struct KeyDecoderTests {
    /// All keys of `text`, given at once and with all time-outs passed afterwards.
    private func keys(_ text: String) -> [Key] { keys(Array(text.utf8)) }

    private func keys(_ bytes: [UInt8]) -> [Key] {
        var decoder = KeyDecoder()
        let keys = decoder.feed(bytes, now: .zero) + decoder.tick(now: .seconds(9))
        #expect(decoder.deadline == nil)
        var slow = KeyDecoder()
        let oneByOne = bytes.flatMap { slow.feed([$0], now: .zero) } + slow.tick(now: .seconds(9))
        #expect(oneByOne == keys)
        return keys
    }

    static let sequences: [(String, [Key])] = [
        ("aé한👍", [.character("a"), .character("é"), .character("한"), .character("👍")]),
        ("\r", [.enter]), ("\n", [.control("j")]), ("\t", [.tab]), ("\u{7F}", [.backspace]), ("\u{8}", [.backspace]),
        ("\0", [.control(" ")]), ("\u{1}\u{1A}", [.control("a"), .control("z")]), ("\u{1F}", [.control("_")]),
        ("\u{1C}\u{1D}", [.control("\\"), .control("]")]),
        // xterm, tmux
        ("\u{1B}[A\u{1B}OB", [.up, .down]), ("\u{1B}[1;3A", [.named(.up, .alt)]),
        ("\u{1B}[1;5C", [.named(.right, .control)]),
        ("\u{1B}[1;6D", [.named(.left, [.control, .shift])]), ("\u{1B}[H\u{1B}[F", [.home, .end]),
        ("\u{1B}[1~\u{1B}[4~\u{1B}[2~\u{1B}[3~", [.home, .end, .insert, .delete]),
        ("\u{1B}[5~\u{1B}[6;3~", [.pageUp, .named(.pageDown, .alt)]),
        ("\u{1B}OP\u{1B}OS\u{1B}[15~\u{1B}[24~", [.function(1), .function(4), .function(5), .function(12)]),
        ("\u{1B}[1;2R", [.named(.function(3), .shift)]), ("\u{1B}[Z", [.backtab]), ("\u{1B}OM", [.enter]),
        ("\u{1B}Ou", [.character("5")]),
        // linux console
        ("\u{1B}[[A\u{1B}[[E", [.function(1), .function(5)]),
        // rxvt
        ("\u{1B}[a\u{1B}Oa", [.named(.up, .shift), .named(.up, .control)]), ("\u{1B}[7~\u{1B}[8~", [.home, .end]),
        ("\u{1B}[3$x", [.named(.delete, .shift), .character("x")]), ("\u{1B}[3^", [.named(.delete, .control)]),
        ("\u{1B}[5@", [.named(.pageUp, [.control, .shift])]), ("\u{1B}\u{1B}[A", [.named(.up, .alt)]),
        // modifyOtherKeys, kitty
        ("\u{1B}[27;2;13~", [.named(.enter, .shift)]), ("\u{1B}[13;2u", [.named(.enter, .shift)]),
        ("\u{1B}[97;5u", [.control("a")]), ("\u{1B}[97;6u", [.control("A")]), ("\u{1B}[97;3:3u", []),
        ("\u{1B}[97;3:1u", [.alt("a")]),
        ("\u{1B}[27u", [.escape]), ("\u{1B}[57358u", []), ("\u{1B}[99999999u", []), ("\u{1B}[55296u", []),
        // Alt
        ("\u{1B}a\u{1B}A", [.alt("a"), .alt("A")]), ("\u{1B}\r", [.named(.enter, .alt)]),
        ("\u{1B}\u{7F}", [.named(.backspace, .alt)]),
        ("\u{1B}é", [.alt("é")]), ("\u{1B}\u{1}", [.character("a", [.control, .alt])]),
        ("\u{1B}", [.escape]), ("\u{1B}\u{1B}", [.escape, .escape]),
        ("\u{1B}\u{1B}\u{1B}", [.escape, .escape, .escape]),
        ("\u{1B}[", [.alt("[")]), ("\u{1B}O", [.alt("O")]), ("\u{1B}]", [.alt("]")]), ("\u{1B}P", [.alt("P")]),
        // focus, mouse
        ("\u{1B}[I\u{1B}[O", [.focusGained, .focusLost]),
        (
            "\u{1B}[<0;3;4M\u{1B}[<0;3;4m",
            [.mouse(.init(.press(0), at: Position(2, 3))), .mouse(.init(.release(0), at: Position(2, 3)))]
        ),
        (
            "\u{1B}[<64;1;1M\u{1B}[<65;1;1M",
            [.mouse(.init(.wheelUp, at: Position(0, 0))), .mouse(.init(.wheelDown, at: Position(0, 0)))]
        ),
        ("\u{1B}[<36;9;9M", [.mouse(.init(.drag(0), at: Position(8, 8), .shift))]),
        ("\u{1B}[<0;0;4M\u{1B}[<0;4M\u{1B}[<0;-1;4M\u{1B}[<35;1;1M", []), ("\u{1B}[M !!x", [.character("x")]),
        // Keys with a modifier that a terminal names by their code point.
        ("\u{1B}[127;2u\u{1B}[127;5u", [.named(.backspace, .shift), .named(.backspace, .control)]),
        // paste
        ("\u{1B}[200~a\r\nb\rc\nd\u{1B}[201~x", [.paste("a\nb\nc\nd"), .character("x")]),
        ("\u{1B}[200~\u{1B}[20\u{1B}[31m\u{3}\u{1B}[201~", [.paste("\u{1B}[20\u{1B}[31m\u{3}")]),
        ("\u{1B}[200~\u{1B}[201~", []), ("\u{1B}[201~", []), ("\u{1B}[200~torn", [.paste("torn")]),
    ]

    @Test("sequences of the usual terminals are understood", arguments: sequences)
    func understood(text: String, expected: [Key]) { #expect(keys(text) == expected) }

    @Test(
        "what is not understood is swallowed to its end and never becomes text",
        arguments: [
            "\u{1B}[?1;2c", "\u{1B}[>0;276;0c", "\u{1B}[24;80R", "\u{1B}[0n", "\u{1B}[?1004;2$y", "\u{1B}[4;2$y",
            "\u{1B}[?u",
            "\u{1B}]10;rgb:0000/0000/0000\u{1B}\\", "\u{1B}]11;rgb:0/0\u{7}", "\u{1B}]11;rgb:00000/0/0\u{7}",
            "\u{1B}P11;rgb:0/0/0\u{1B}\\", "\u{1B}]11;?\u{7}", "\u{1B}]52;c;aGk=\u{7}", "\u{1B}P1$r0m\u{1B}\\",
            "\u{1B}_Gi=1;OK\u{1B}\\",
            "\u{1B}^private\u{1B}\\", "\u{1B}Xstring\u{1B}\\", "\u{1B}]2;\u{1B}\\", "\u{1B}[8;24;80t",
            "\u{1B}[1;2;3;4;5;6;7;8A", "\u{1B}[99~",
            "\u{1B}[ q", "\u{1B}[[Z", "\u{1B}O!", "\u{1B}[31\u{18}", "\u{1B}]11;x\u{18}", "\u{1B}]11;torn",
            "\u{1B}[1;2;", "\u{1B}Pq#0",
        ])
    func swallowed(text: String) {
        #expect(keys(text) == [])
        var decoder = KeyDecoder()
        let first = decoder.feed(Array(text.utf8), now: .zero) + decoder.feed([0x78], now: .seconds(1))
        #expect(first == [.character("x")])
    }

    @Test(
        "the terminal's answer says whether its background is dark or light",
        arguments: [
            ("\u{1B}]11;rgb:0000/0000/0000\u{1B}\\", Ground.dark), ("\u{1B}]11;rgb:ffff/ffff/dddd\u{7}", .light),
            ("\u{1B}]11;rgb:fd/f6/e3\u{1B}\\", .light), ("\u{1B}]11;rgba:1e1e/1e1e/2e2e/ffff\u{1B}\\", .dark),
            ("\u{1B}]11;rgb:F/F/F\u{7}", .light),
        ])
    func ground(answer: String, ground: Ground) {
        #expect(keys(answer + "x") == [.ground(ground), .character("x")])
        #expect(keys("\u{1B}]\(String(repeating: "1", count: 200))" + answer.dropFirst(2)) == [])
    }

    @Test("a sequence of any length is swallowed within its bound, and its end is found")
    func long() {
        let digits = String(repeating: "1;", count: 100_000)
        #expect(keys("\u{1B}[\(digits)Ax") == [.character("x")])
        #expect(keys("\u{1B}]\(digits)\u{7}x") == [.character("x")])
        #expect(keys("\u{1B}O123456") == [])
    }

    @Test("a sequence that is torn off by another gives way to it")
    func torn() {
        #expect(keys("\u{1B}[1;\u{1B}[A") == [.up])
        #expect(keys("\u{1B}]11;rgb\u{1B}[A") == [.up])
        #expect(keys("\u{1B}O\u{1B}[A") == [.up])
        #expect(keys("\u{1B}[1;\u{7F}x") == [.character("x")])
    }

    @Test(
        "bytes that are no UTF-8 become one replacement character each",
        arguments: [
            ([0xFF], 1), ([0xC3], 1), ([0xC3, 0x41], 2), ([0xE2, 0x82], 1), ([0xC0, 0x80], 2), ([0xF5, 0x41], 2),
            ([0x80], 1),
            ([0xED, 0xA0, 0x80], 1),
        ] as [([UInt8], Int)])
    func invalid(bytes: [UInt8], count: Int) {
        let found = keys(bytes)
        #expect(found.count == count)
        #expect(found.first == .character("\u{FFFD}"))
    }

    @Test("C1 controls are not typed")
    func c1() { #expect(keys("\u{85}\u{9B}a") == [.character("a")]) }

    @Test("a lone Esc waits for its delay, no longer")
    func escapeDelay() {
        var settings = KeyDecoder.Settings()
        settings.escapeDelay = .milliseconds(150)
        var decoder = KeyDecoder(settings: settings)
        #expect(decoder.feed([0x1B], now: .seconds(1)) == [])
        #expect(decoder.deadline == .milliseconds(1150))
        #expect(decoder.tick(now: .milliseconds(1149)) == [])
        #expect(decoder.tick(now: .milliseconds(1150)) == [.escape])
        #expect(decoder.deadline == nil)
        #expect(decoder.feed([0x1B], now: .seconds(2)) == [])
        #expect(decoder.feed([0x61], now: .seconds(3)) == [.escape, .character("a")])
        #expect(decoder.feed([0x1B], now: .seconds(4)) == [])
        #expect(decoder.feed([], now: .milliseconds(4100)) == [])
        #expect(decoder.feed([0x61], now: .milliseconds(4149)) == [.alt("a")])
    }

    @Test("a paste is kept up to its limit, and one that never ends is delivered after a while")
    func paste() {
        var settings = KeyDecoder.Settings()
        settings.pasteLimit = 10
        var decoder = KeyDecoder(settings: settings)
        let bytes = Array("\u{1B}[200~".utf8) + Array(repeating: 0x61, count: 100_000) + Array("\u{1B}[201~z".utf8)
        #expect(decoder.feed(bytes, now: .zero) == [.paste("aaaaaaaaaa"), .character("z")])
        #expect(decoder.feed(Array("\u{1B}[200~abc".utf8), now: .seconds(1)) == [])
        #expect(decoder.deadline == .seconds(3))
        #expect(decoder.feed(Array("d".utf8), now: .seconds(2)) == [])
        #expect(decoder.tick(now: .seconds(4)) == [.paste("abcd")])
        #expect(decoder.feed(Array("e".utf8), now: .seconds(5)) == [.character("e")])
    }

    /// What each piece gives, and the time-outs after the last; `tick` is called whenever it is asked for.
    private func keys(_ pieces: [(Duration, String)], settings: KeyDecoder.Settings = .init()) -> [Key] {
        var decoder = KeyDecoder(settings: settings)
        var now = Duration.zero
        var keys: [Key] = []
        func wait(until time: Duration) {
            while let next = decoder.deadline, next <= time { keys += decoder.tick(now: next) }
            now = time
        }
        for (pause, text) in pieces {
            wait(until: now + pause)
            keys += decoder.feed(Array(text.utf8), now: now)
        }
        wait(until: now + .seconds(9))
        return keys
    }

    @Test(
        "a sequence that comes in pieces is one sequence",
        arguments: [300, 700, 1_500, 5_000] as [Int])
    func pieces(pause: Int) {
        let pause = Duration.milliseconds(pause)
        var settings = KeyDecoder.Settings()
        settings.escapeDelay = .milliseconds(150)
        func after(_ pieces: String...) -> [Key] { keys(pieces.map { (pause, $0) }, settings: settings) }
        let ground: [Key] = pause < settings.sequenceDelay ? [.ground(.dark)] : []
        #expect(after("\u{1B}]11;rgb:14", "14/2020/3030\u{1B}\\", "x") == ground + [.character("x")])
        #expect(after("\u{1B}]11;rgb:14", "14/2020/3030\u{7}x") == ground + [.character("x")])
        #expect(after("\u{1B}[24;", "80R", "x") == [.character("x")])
        if pause < settings.sequenceDelay {
            #expect(after("\u{1B}]", "11;rgb:1414/2020/3030", "\u{1B}", "\\x") == [.ground(.dark), .character("x")])
            #expect(after("\u{1B}[", "D") == [.left])
            #expect(after("\u{1B}O", "D") == [.left])
            #expect(after("\u{1B}[1;", "5", "D") == [.named(.left, .control)])
            #expect(after("\u{1B}[<0;3", ";4M").count == 1)
        } else {
            #expect(after("\u{1B}]", "11;rgb:1414/2020/3030\u{7}x") == [.alt("]"), .character("x")])
        }
        if pause < settings.escapeRestDelay {
            #expect(after("\u{1B}", "[D") == [.escape, .left])
            #expect(after("\u{1B}", "]11;rgb:0/0/0\u{7}x") == [.escape, .ground(.dark), .character("x")])
        }
        #expect(after("\u{1B}", "Ok") == [.escape, .character("O"), .character("k")])
        #expect(after("\u{1B}", "[x]") == [.escape, .character("["), .character("x"), .character("]")])
        #expect(after("\u{1B}", "[", "x") == [.escape, .character("["), .character("x")])
        #expect(after("\u{1B}", "d", "y") == [.escape, .character("d"), .character("y")])
    }

    @Test("a paste with pauses between its lines is delivered as pastes only")
    func slowPaste() {
        let start = "\u{1B}[200~"
        let end = "\u{1B}[201~"
        #expect(
            keys([
                (.zero, start + "line 1\r"), (.seconds(3), "line 2\r"), (.seconds(3), "\r"), (.seconds(3), end + "x"),
            ])
                == [.paste("line 1\n"), .paste("line 2\n"), .paste("\n"), .character("x")])
        #expect(
            keys([(.zero, start + "a\r"), (.seconds(1), "b\r"), (.seconds(1), end + "x")])
                == [.paste("a\nb\n"), .character("x")])
        // Neither a line break nor a character is torn by a pause.
        #expect(
            keys([(.zero, start + "a\r"), (.seconds(3), "\nb\u{E9}"), (.seconds(3), end)])
                == [.paste("a\n"), .paste("b\u{E9}")])
        var decoder = KeyDecoder()
        #expect(decoder.feed(Array(start.utf8) + [0x61, 0xC3], now: .zero) == [])
        #expect(decoder.tick(now: .seconds(2)) == [.paste("a")])
        #expect(decoder.feed([0xA9, 0x0D], now: .seconds(3)) == [.paste("\u{E9}\n")])
        #expect(decoder.feed(Array(end.utf8) + [0x0D], now: .seconds(4)) == [.enter])
    }

    @Test("a paste whose end never comes is ended by a key that is no text")
    func endlessPaste() {
        let torn: [(Duration, String)] = [(.zero, "\u{1B}[200~torn"), (.seconds(3), "\r")]
        let pasted: [Key] = [.paste("torn"), .paste("\n")]
        #expect(keys(torn + [(.seconds(1), "\u{1B}"), (.seconds(1), "\r")]) == pasted + [.enter])
        #expect(keys(torn + [(.seconds(1), "\u{1B}[A"), (.seconds(1), "\r")]) == pasted + [.up, .enter])
        #expect(keys(torn + [(.seconds(1), "\u{3}"), (.seconds(1), "\r")]) == pasted + [.control("c"), .enter])
        #expect(keys(torn + [(.seconds(61), "\r")]) == pasted + [.enter])
    }

    @Test("several lines in one read are a paste, also without brackets around them")
    func unbracketedPaste() {
        #expect(
            keys([(.zero, "one\rtwo\rthree"), (.milliseconds(20), "\rfour\r")]) == [
                .paste("one\ntwo\nthree"), .paste("\nfour\n"),
            ])
        #expect(keys([(.zero, "one\r\ntwo\r\n")]) == [.paste("one\ntwo\n")])
        #expect(keys([(.zero, "one\rtwo\r"), (.seconds(1), "\r")]) == [.paste("one\ntwo\n"), .enter])
        #expect(keys([(.zero, "ok\r")]) == [.character("o"), .character("k"), .enter])
        #expect(keys([(.zero, "\r\r")]) == [.enter, .enter])
        #expect(keys([(.zero, "a\r\u{1B}[Ab\r")]) == [.character("a"), .enter, .up, .character("b"), .enter])
    }

    @Test("random bytes never crash it, and it always comes to rest")
    func random() {
        var generator = SplitMix(state: 42)
        let likely: [UInt8] = [
            0x1B, 0x5B, 0x4F, 0x5D, 0x3B, 0x31, 0x32, 0x30, 0x7E, 0x3C, 0x4D, 0x24, 0x75, 0x07, 0x5C, 0xC3, 0xE2,
        ]
        var decoder = KeyDecoder()
        var now = Duration.zero
        for _ in 0..<4000 {
            let bytes = (0..<generator.below(40)).map { _ in
                generator.below(3) == 0 ? UInt8(generator.below(256)) : likely[generator.below(likely.count)]
            }
            let keys = decoder.feed(bytes, now: now)
            #expect(keys.count <= bytes.count + 4)
            for case .character(let character, _) in keys {
                #expect(character.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
            }
            now += .milliseconds(generator.below(400))
            if generator.below(5) == 0 {
                now += .seconds(10)
                _ = decoder.tick(now: now)
                #expect(decoder.deadline == nil)
            }
        }
    }
}
