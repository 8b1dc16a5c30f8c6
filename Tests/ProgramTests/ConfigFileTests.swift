import ChatUI
import Testing

@testable import parley

@Suite("the configuration file")
struct ConfigFileTests {
    @Test(
        "is refused in one sentence with line, key, what was found and what is expected",
        arguments: [
            // Types.
            ("[screen]\nbell = 1\n", "c.toml, line 2: screen.bell is 1; expected true or false"),
            ("screen.bell = \"yes\"\n", "c.toml, line 1: screen.bell is \"yes\"; expected true or false"),
            (
                "[screen]\n\n# x\nroster_width = \"20\"\n",
                "c.toml, line 4: screen.roster_width is \"20\"; expected a number from 12 to 60"
            ),
            ("url = 7\n", "c.toml, line 1: url is 7; expected a text such as \"https://desk.example.org\", or \"\""),
            ("user = [\"a\"]\n", "c.toml, line 1: user is a list; expected a user id in quotes, or \"\""),
            ("screen = 3\n", "c.toml, line 1: screen is 3; expected a table [screen]"),
            (
                "[screen]\nroster_width = 20.5\n",
                "c.toml, line 2: screen.roster_width is a number with a fraction; expected a number from 12 to 60"
            ),
            ("[screen]\nbell = 1979-05-27\n", "c.toml, line 2: screen.bell is a date or time; expected true or false"),
            ("token = 5\n", "c.toml, line 1: token is no text; expected a text in quotes without blanks, or \"\""),
            // Ranges.
            (
                "[screen]\nroster_width = 99\n",
                "c.toml, line 2: screen.roster_width is 99; expected a number from 12 to 60"
            ),
            (
                "[screen]\nescape_delay = -1\n",
                "c.toml, line 2: screen.escape_delay is -1; expected a number from 0 to 2000"
            ),
            (
                "user = \"..\"\n",
                "c.toml, line 1: user is \"..\"; a user id begins with a letter, a digit or _; \"..\" does not"
            ),
            (
                "[desk]\nlisten = \"7007\"\n",
                "c.toml, line 2: desk.listen is \"7007\"; expected a text such as \"127.0.0.1:7007\""
            ),
            (
                "[desk]\nlisten = \"127.0.0.1:99999\"\n",
                "c.toml, line 2: desk.listen is \"127.0.0.1:99999\"; expected a text such as \"127.0.0.1:7007\""
            ),
            (
                "token = \"two words\"\n",
                "c.toml, line 1: token is a text with blanks; expected a text in quotes without blanks, or \"\""
            ),
            // Keys.
            ("[keys]\n\nquti = \"F2\"\n", "c.toml, line 3: keys.quti is no command; did you mean keys.quit?"),
            (
                "[keys]\nquit = 3\n",
                "c.toml, line 2: keys.quit is 3; expected a key such as \"Ctrl-T\", a list of such, or [] for none"
            ),
            (
                "[keys]\nquit = [\"F2\", 3]\n",
                "c.toml, line 2: keys.quit is a list; expected a key such as \"Ctrl-T\", a list of such, or [] for none"
            ),
            (
                "[keys]\nundo = \"F2\"\nquit = [\"F3\", \"F2\"]\n",
                "c.toml, line 3: keys: F2 would mean quit and undo; give one of them another key, or [] for none"
            ),
            ("keys = 3\n", "c.toml, line 1: keys is 3; expected a table [keys]"),
            // Unknown keys.
            ("[screen]\nbel = true\n", "c.toml, line 2: screen.bel is no setting; did you mean screen.bell?"),
            ("bell = true\n", "c.toml, line 1: bell is no setting; did you mean screen.bell?"),
            (
                "[screen]\nsomething_else = 1\n",
                "c.toml, line 2: screen.something_else is no setting; config.sample.toml has them all"
            ),
            ("\n\n[scren]\nbell = true\n", "c.toml, line 3: [scren] is no table of settings; did you mean [screen]?"),
            (
                "[whatever]\n",
                "c.toml, line 1: [whatever] is no table of settings; expected [screen], [waiting], [away], [attention], "
                    + "[canned], [channels], [desk], [keys] or [accounts]"
            ),
            (
                "screen = { bell = true, bel = 1 }\n",
                "c.toml, line 1: screen.bel is no setting; did you mean screen.bell?"
            ),
            ("[screen.deep]\nx = 1\n", "c.toml, line 1: screen.deep is no setting; config.sample.toml has them all"),
            (
                "a = \"\"\"\nbell = 1\n[screen]\n\"\"\"\nurll = \"\"\n",
                "c.toml, line 1: a is no setting; config.sample.toml has them all"
            ),
            (
                "[waiting]\nwarn_after = 9\nalarm_after = 3\n",
                "c.toml, line 3: waiting.alarm_after is 3, below waiting.warn_after, which is 9; expected 9 or more"
            ),
            (
                "[screen]\nbell = true\n[[desk]]\nlisten = \"\"\n",
                "c.toml, line 3: desk is a list; expected a table [desk]"
            ),
        ])
    func refused(text: String, sentence: String) {
        #expect(refusal(text) == Failure(.configuration, sentence))
    }

    @Test(
        "with broken syntax names line and column",
        arguments: [
            ("url = \n", 1), ("[screen\n", 1), ("url = \"a\nb\"\n", 1), ("url = \"a\"\nurl = \"b\"\n", 2), ("= 3\n", 1),
            ("[screen]\nbell = tru\n", 2), ("\"\"\"", 1), ("x = [1, 2\n\n\n", 1), ("[.a]", 1), ("\n[", 2), ("[#x", 1),
            ("[[", 1), ("\n[é]\n", 2),
        ])
    func syntax(text: String, line: Int) throws {
        let failure = try #require(refusal(text))
        #expect(failure.code == .configuration)
        #expect(failure.sentence.hasPrefix("c.toml, line \(line), column "), "\(failure.sentence)")
        #expect(!failure.sentence.contains("\n") && !failure.sentence.contains("Error"))
    }

    @Test("is not read past a NUL, and says so")
    func nul() {
        #expect(refusal("user = \"\"\n\u{0}\n")?.sentence.hasPrefix("c.toml, line 2, column 1: expected a key") == true)
        #expect(refusal("\n# \u{0}\n")?.sentence == "c.toml, line 2, column 3: a control character")
    }

    @Test("says the choice that is nearest")
    func nearestChoice() {
        #expect(
            refusal("log_level = \"warn1ng\"")?.sentence
                == "c.toml, line 1: log_level is \"warn1ng\"; expected one of \"trace\", \"debug\", \"info\", \"notice\", "
                + "\"warning\", \"error\", \"critical\"; did you mean \"warning\"?")
    }

    @Test("finds the line of a key wherever TOML lets it stand")
    func keyLines() {
        let lines = KeyLines(
            """
            # a = 1
            a.b = 1
            "c d" = '''
            x = 1
            ''' # end
            e = [
              1, # ]
              "]",
            ]
            [t."q.r"] # comment
            'k' = { in = 1 }
            """)
        #expect(lines[["a", "b"]] == 2)
        #expect(lines[["a"]] == 2)
        #expect(lines[["c d"]] == 3)
        #expect(lines[["x"]] == nil)
        #expect(lines[["e"]] == 6)
        #expect(lines[["t", "q.r"]] == 10)
        #expect(lines[["t", "q.r", "k", "in"]] == 11)
    }

    @Test("is read with everything it may hold")
    func accepted() throws {
        let file = try ConfigFile(
            "url = \"https://a.example/x/\"\nscreen.bell = false\n[desk]\nlisten = \"[::1]:0\"\n", name: "c")
        #expect(file.values[.url]?.value == .text("https://a.example/x/"))
        #expect(file.values[.bell]?.value == .boolean(false))
        #expect(file.values[.bell]?.line == 2)
        #expect(file.values[.deskListen]?.value == .text("[::1]:0"))
    }

    @Test("gives commands other keys, one, several or none")
    func keys() throws {
        let file = try ConfigFile("[keys]\nswitcher = \"F2\"\nquit = [\"Ctrl-Q\", \"F10\"]\nredraw = []\n", name: "c")
        #expect(file.keys.allNames(of: .switcher) == ["F2"])
        #expect(file.keys.allNames(of: .quit) == ["Ctrl-Q", "F10"])
        #expect(file.keys.allNames(of: .redraw) == [])
        #expect(file.keys.allNames(of: .help) == ["F1"])
        #expect(file.keyLines == ["switcher": 2, "quit": 3, "redraw": 4])
    }

    private func refusal(_ text: String) -> Failure? {
        do {
            _ = try ConfigFile(text, name: "c.toml")
            return nil
        } catch {
            return error
        }
    }
}
