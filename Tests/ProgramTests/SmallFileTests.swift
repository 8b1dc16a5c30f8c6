import Foundation
import Glibc
import Testing

@testable import parley

@Suite("files that parley writes")
struct SmallFileTests {
    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("a new file is its owner's alone, and replaces no file, link or pipe")
    func create() throws {
        let folder = try TestFolder()
        try SmallFile.create("new", at: folder.path + "/sub/new")
        #expect(try text(folder.path + "/sub/new") == "new")
        #expect(try folder.mode(of: "sub/new") == 0o600)
        let file = try folder.write("old", to: "file", mode: 0o644)
        #expect(symlink(file, folder.path + "/link") == 0)
        #expect(symlink(folder.path + "/nowhere", folder.path + "/dangling") == 0)
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        for name in ["file", "link", "dangling", "pipe", "sub"] {
            let path = folder.path + "/" + name
            let attempts: [() throws -> Void] = [
                { try SmallFile.create("new", at: path) },
                { try SmallFile.insistOnNothing(at: path) },
                { close(try SmallFile.open(new: path)) },
            ]
            for attempt in attempts {
                let failure = #expect(throws: Failure.self) { try attempt() }
                #expect(failure?.code == .cannotWrite && failure?.sentence.contains("is not overwritten") == true)
            }
        }
        #expect(try text(file) == "old")
        #expect(try folder.mode(of: "file") == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 5)
    }

    @Test("a file of the program's own is replaced behind a link, and nothing else is")
    func own() throws {
        let folder = try TestFolder()
        let file = try folder.write("old", to: "file", mode: 0o644)
        #expect(symlink(file, folder.path + "/link") == 0)
        try SmallFile.write("new", to: folder.path + "/link")
        #expect(try text(file) == "new")
        #expect(try folder.mode(of: "file") == 0o600)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link") == file)
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        #expect(symlink("/dev/null", folder.path + "/null") == 0)
        for name in ["pipe", "null"] {
            #expect(throws: Failure.self) { try SmallFile.write("new", to: folder.path + "/" + name) }
        }
        try SmallFile.write("page", to: folder.path + "/man/man1/page.1", isPublic: true)
        #expect(try folder.mode(of: "man/man1/page.1") == 0o644)
    }
}
