import Foundation
import Screen
import Testing

/// The pictures in README.md are drawn from recorded screens. `RECORD_DOCS=1 swift test --filter Docs` draws them anew.
@Suite("pictures in README.md, Docs")
struct PictureTests {
    static let pictures = ["sample-80x24", "world-80x24"]

    @Test("are the recorded screens, on a dark and on a light ground", arguments: pictures, [Ground.dark, .light])
    func drawn(name: String, ground: Ground) throws {
        let recorded = try Repository.text("Tests/ChatUITests/Screens/\(name).screen")
        let picture = try #require(Picture(recorded: recorded)).svg(ground)
        let path = "Tests/ProgramTests/Docs/Pictures/\(name)-\(ground).svg"
        if ProcessInfo.processInfo.environment["RECORD_DOCS"] == "1" {
            try picture.write(toFile: Repository.root + "/" + path, atomically: true, encoding: .utf8)
            return
        }
        #expect(try Repository.text(path) == picture, "\(path) is not the screen; RECORD_DOCS=1 draws it")
    }

    @Test("stand in it with both grounds", arguments: pictures)
    func embedded(name: String) throws {
        let text = try Document.text()
        for ground in ["dark", "light"] {
            #expect(text.contains("Tests/ProgramTests/Docs/Pictures/\(name)-\(ground).svg\""))
        }
    }
}
