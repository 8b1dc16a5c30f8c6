import FoundationEssentials
import Screen
import Testing

/// Compares a screen with `Screens/<name>.screen`: the text, a line of hyphens, the roles as letters, the cursor.
/// `RECORD_SCREENS=1 swift test` writes the files anew; the difference is the review.
func expectScreen(_ screen: Screen, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let place = screen.cursor.map { "cursor \($0.column),\($0.row)" } ?? "no cursor"
    let shown = "\(screen.text)\n--- \(screen.size.columns)x\(screen.size.rows) \(place)\n\(screen.roles)\n"
    let path = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Screens/\(name).screen"
    if ProcessInfo.processInfo.environment["RECORD_SCREENS"] == "1" {
        #expect(throws: Never.self) { try Data(shown.utf8).write(to: URL(filePath: path)) }
        return
    }
    guard let data = FileManager.default.contents(atPath: path) else {
        Issue.record("\(name).screen is missing; record it with RECORD_SCREENS=1", sourceLocation: sourceLocation)
        return
    }
    let wanted = String(decoding: data, as: UTF8.self)
    #expect(shown == wanted, "\(name).screen differs:\n\(shown)", sourceLocation: sourceLocation)
}
