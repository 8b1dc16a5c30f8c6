import Foundation
import Testing

/// The rooms and who may enter which: `Package.swift` says what is linked, this says what may be named, file by file.
@Suite("rooms")
struct LayeringTests {
    private static let nio: Set = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOSSL"]

    /// Everything a room's files may import.
    private static let allowed: [String: Set<String>] = [
        "ChannelsProtocol": ["CSodium"],
        "ChannelsClient": ["ChannelsProtocol"],
        "ChannelsEngine": ["ChannelsProtocol"],
        // For normal forms, which the standard library keeps behind an SPI.
        "Chat": ["Swift"],
        "Screen": [],
        "ChatUI": ["Chat", "Screen"],
        "ChatSession": ["Chat", "ChannelsClient", "ChannelsProtocol"],
        "Terminal": ["Screen", "CTerminal", "Glibc", "Synchronization"],
        "Transport": nio.union(["ChannelsProtocol", "AsyncHTTPClient", "Glibc", "Synchronization", "Dispatch"]),
        "Channels": ["ChannelsProtocol", "ChannelsClient", "Transport", "Synchronization", "Dispatch", "Glibc"],
        "LocalStore": ["Chat", "GRDB", "Glibc", "FoundationEssentials"],
        "Desk": nio.union([
            "ChannelsProtocol", "ChannelsEngine", "Chat", "Transport", "CSodium", "CPostgres", "NIOHTTPTypes",
            "NIOHTTPTypesHTTP1",
            "HTTPTypes", "GRDB", "Logging", "Hummingbird", "HummingbirdCore", "Glibc", "FoundationEssentials",
            "Synchronization", "Dispatch",
        ]),
        "parley": [
            "ChannelsProtocol", "ChannelsClient", "Chat", "ChatSession", "ChatUI", "Screen", "Terminal", "Transport",
            "LocalStore", "Desk", "Logging", "ArgumentParser", "CSpawn", "Glibc", "Synchronization", "Dispatch",
        ],
    ]

    /// Values in, values out: nothing that could tell the time, draw a random number or wait.
    private static let quiet: Set = [
        "ChannelsProtocol", "ChannelsClient", "ChannelsEngine", "Chat", "Screen", "ChatUI", "ChatSession",
    ]

    private static let neverQuiet = [
        "Date(", "Date.now", ".now()", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", ".random(",
        "randomElement()", ".shuffled()", "Task {", "Task.sleep", "DispatchQueue", "Mutex(", "print(", "fopen(",
    ]

    @Test("every room under Sources is in the table")
    func rooms() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.root + "/Sources")
        #expect(Set(folders).subtracting(Self.allowed.keys) == ["CSodium", "CTerminal", "CPostgres", "CSpawn"])
        #expect(Set(Self.allowed.keys).isSubset(of: folders))
    }

    @Test("import only what they may", arguments: allowed.keys.sorted())
    func imports(room: String) throws {
        let files = try Self.files(room)
        #expect(!files.isEmpty)
        for file in files {
            let imported = Self.imports(in: try Repository.text(file))
            let foreign = imported.subtracting(Self.allowed[room] ?? [])
            #expect(foreign.isEmpty, "\(file) imports \(foreign.sorted())")
        }
    }

    @Test("are as the package says: no target depends on a room it may not name", arguments: allowed.keys.sorted())
    func package(room: String) throws {
        let text = try Repository.text("Package.swift")
        let start = try #require(
            text.range(of: "room(\"\(room)\"")
                ?? text.range(of: "room(\n            \"\(room)\"")
                ?? text.range(of: "executableTarget(\n            name: \"\(room)\""))
        let end =
            text.range(of: "\n        room(", range: start.upperBound..<text.endIndex)?.lowerBound ?? text.endIndex
        let stop = text.range(of: "\n        // ", range: start.upperBound..<text.endIndex)?.lowerBound ?? text.endIndex
        let tests =
            text.range(of: "\n        tests(", range: start.upperBound..<text.endIndex)?.lowerBound ?? text.endIndex
        let declaration = text[start.upperBound..<min(end, stop, tests)]
        for other in Self.allowed.keys where other != room && declaration.contains("\"\(other)\"") {
            #expect(Self.allowed[room]?.contains(other) == true, "\(room) is linked with \(other)")
        }
    }

    @Test("that are quiet have no clock, no random source, no lock and no task", arguments: quiet.sorted())
    func quietRooms(room: String) throws {
        for file in try Self.files(room) {
            for (number, line) in try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            {
                let code = line.drop { $0 == " " }
                guard !code.hasPrefix("//") else { continue }
                for word in Self.neverQuiet where Self.says(word, String(code)) {
                    Issue.record("\(file):\(number + 1) says \(word)")
                }
            }
        }
    }

    @Test("never load the heavy half of Foundation, but where a package does already")
    func noFoundation() throws {
        for room in Self.allowed.keys {
            for file in try Self.files(room) {
                let imported = Self.imports(in: try Repository.text(file))
                #expect(
                    imported.isDisjoint(with: ["Foundation", "FoundationNetworking", "FoundationInternationalization"]),
                    "\(file)")
            }
        }
    }

    /// As a word of its own: not as the end of another, nor as a member or function that only shares the name.
    private static func says(_ word: String, _ code: String) -> Bool {
        code.ranges(of: word).contains { range in
            let before = code[..<range.lowerBound]
            guard !word.hasPrefix("."), let last = before.last else { return true }
            return !last.isLetter && !last.isNumber && last != "_" && last != "." && !before.hasSuffix("func ")
        }
    }

    private static func files(_ room: String) throws -> [String] {
        let folder = Repository.root + "/Sources/" + room
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return all.filter { $0.hasSuffix(".swift") }.sorted().map { "Sources/\(room)/\($0)" }
    }

    /// `import A`, `public import struct A.B`, `@preconcurrency import A`.
    private static func imports(in text: String) -> Set<String> {
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            var words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            if let first = words.first, ["public", "package", "internal", "fileprivate", "private"].contains(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { continue }
            let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let name = kinds.contains(String(words[1])) ? words.dropFirst(2).first : words[1]
            if let module = name?.split(separator: ".").first { found.insert(String(module)) }
        }
        return found
    }
}
