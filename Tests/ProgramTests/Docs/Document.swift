import Foundation
import Testing

/// README.md, and the parts of it that are made from the program. `RECORD_DOCS=1 swift test --filter Docs` writes them
/// anew; the difference is the review.
enum Document {
    static let name = "README.md"

    static func text() throws -> String { try Repository.text(name) }

    /// Compares what stands between two lines with what should.
    static func expect(
        between start: String, and end: String, is expected: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let text = try text()
        let opening = try #require(
            text.range(of: "\n" + start + "\n"), "\(name) has no line \(start)", sourceLocation: sourceLocation)
        let closing = try #require(
            text.range(of: "\n" + end + "\n", range: text.index(before: opening.upperBound)..<text.endIndex),
            "\(name) has no line \(end) after \(start)", sourceLocation: sourceLocation)
        let part = opening.upperBound..<max(opening.upperBound, closing.lowerBound)
        if ProcessInfo.processInfo.environment["RECORD_DOCS"] == "1" {
            let isEmpty = opening.upperBound > closing.lowerBound
            try text.replacingCharacters(in: part, with: expected + (isEmpty ? "\n" : ""))
                .write(toFile: Repository.root + "/" + name, atomically: true, encoding: .utf8)
            return
        }
        #expect(
            text[part] == expected, "\(name) is not what the program says below \(start); RECORD_DOCS=1 writes it",
            sourceLocation: sourceLocation)
    }

    /// What stands in the fenced block below a line.
    static func block(below line: String) throws -> String {
        let text = try text()
        let marker = try #require(text.range(of: "\n" + line + "\n```"), "\(name) has no block below \(line)")
        let start = try #require(text.range(of: "\n", range: marker.upperBound..<text.endIndex)).upperBound
        let end = try #require(text.range(of: "\n```", range: start..<text.endIndex)).lowerBound
        return String(text[start..<end])
    }

    /// All lines in blocks of shell commands.
    static func commands() throws -> [String] {
        var lines: [String] = []
        var isInside = false
        for line in try text().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isInside = line == "```sh" } else if isInside { lines.append(String(line)) }
        }
        return lines
    }
}
