import Testing

@testable import parley

@Suite("Markdown of transcripts")
struct MarkdownTests {
    @Test(
        "what would be markup is escaped, and nothing else",
        arguments: [
            ("Title\n===", "> Title\\\n> \\==="),
            ("- a\n+ b\n1. c\n2) d", "> \\- a\\\n> \\+ b\\\n> 1\\. c\\\n> 2\\) d"),
            ("# no heading", "> \\# no heading"), ("> no quotation", "> \\> no quotation"),
            ("*a* _b_ snake_case `c`", "> \\*a\\* \\_b\\_ snake_case \\`c\\`"),
            ("<b>bold</b> &amp; a & b", "> \\<b>bold\\</b> \\&amp; a & b"),
            ("[a](https://b.example/?x=1&y=2)", "> \\[a\\](https://b.example/?x=1&y=2)"),
            ("| a | b |\n|---|---|", "> \\| a \\| b \\|\\\n> \\|---\\|---\\|"),
            ("ends in \\\nnext", "> ends in \\\\\\\n> next"), ("one\n\ntwo", "> one\n>\n> two"),
            ("~~~\nx", "> \\~\\~\\~\\\n> x"), ("10.5 is a number", "> 10\\.5 is a number"),
        ])
    func escapes(_ text: String, _ markdown: String) {
        #expect(Markdown.quotation(text).joined(separator: "\n") == markdown)
    }

    @Test(
        "a text in which blanks count is a block of code, whatever stands in it",
        arguments: [
            ("if x:\n    a*b > c_d", "> ```text\n> if x:\n>     a*b > c_d\n> ```"),
            ("```\n  code\n```", "> ````text\n> ```\n>   code\n> ```\n> ````"), ("a  b", "> ```text\n> a  b\n> ```"),
            ("a\n\n\nb", "> ```text\n> a\n>\n>\n> b\n> ```"), ("a\tb", "> ```text\n> a\tb\n> ```"),
            ("blank at the end \nof a line", "> ```text\n> blank at the end \n> of a line\n> ```"),
        ])
    func code(_ text: String, _ markdown: String) {
        #expect(Markdown.quotation(text).joined(separator: "\n") == markdown)
    }
}
