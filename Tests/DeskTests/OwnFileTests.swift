import Foundation
import Testing

@testable import Desk

@Suite("files of the desk that are there already")
struct OwnFileTests {
    private static let names = ["desk.sqlite", "desk.sqlite-wal", "desk.sqlite-shm", "desk.lock"]

    /// Starts and ends a desk, so that all its files are there.
    private func used(_ folder: TemporaryFolder) async throws {
        let server = try await DeskServer.start(.init(folder: folder.path))
        await server.drain()
    }

    @Test("are closed to those who could read them", arguments: names)
    func readable(name: String) async throws {
        let folder = try TemporaryFolder()
        try await used(folder)
        if !FileManager.default.fileExists(atPath: folder.file(name)) {
            try Data().write(to: .init(fileURLWithPath: folder.file(name)))
        }
        chmod(folder.file(name), 0o644)
        try OwnFile.check(folder.file(name))
        #expect(mode(folder.file(name)) == 0o600)
        try await used(folder)
    }

    @Test("are refused where others could write into them, or where they are no files", arguments: names)
    func writable(name: String) async throws {
        let folder = try TemporaryFolder()
        try await used(folder)
        let path = folder.file(name)
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: .init(fileURLWithPath: path)) }
        chmod(path, 0o666)
        var error = await #expect(throws: DeskError.self) { try await DeskServer.start(.init(folder: folder.path)) }
        #expect(error?.exitCode == 78)
        #expect(error?.message.contains("mode 666") == true, "\(error?.message ?? "")")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
        symlink(path + ".moved", path)
        error = await #expect(throws: DeskError.self) { try await DeskServer.start(.init(folder: folder.path)) }
        #expect(error?.exitCode == 78)
        #expect(error?.message.contains("symbolic link") == true, "\(error?.message ?? "")")
        unlink(path)
        mkdir(path, 0o700)
        error = await #expect(throws: DeskError.self) { try await DeskServer.start(.init(folder: folder.path)) }
        #expect(error?.exitCode == 78)
    }

    @Test("the app's secret that others could read is no secret any more")
    func secret() async throws {
        let folder = try TemporaryFolder()
        try await used(folder)
        chmod(folder.file("desk.app"), 0o640)
        let error = await #expect(throws: DeskError.self) { try await DeskServer.start(.init(folder: folder.path)) }
        #expect(error?.exitCode == 78)
        #expect(error?.message.contains("remove it to get a new one") == true)
        unlink(folder.file("desk.app"))
        try await used(folder)
    }

    @Test("those of somebody else are refused", .enabled(if: geteuid() == 0, "only root can give a file away"))
    func foreign() async throws {
        let folder = try TemporaryFolder()
        try await used(folder)
        for name in ["desk.sqlite", "desk.lock", "desk.app"] {
            chown(folder.file(name), 65_534, 65_534)
            let error = await #expect(throws: DeskError.self) { try await DeskServer.start(.init(folder: folder.path)) }
            #expect(error?.exitCode == 78)
            #expect(error?.message.contains("belongs to user 65534") == true)
            chown(folder.file(name), 0, 0)
        }
        try await used(folder)
    }

    @Test("what is no socket of this user is not connected to")
    func socket() async throws {
        let folder = try TemporaryFolder()
        try LocalDesk.checkSocket(folder.path)
        let server = try await DeskServer.start(.init(folder: folder.path))
        try LocalDesk.checkSocket(folder.path)
        await server.drain()
        try Data().write(to: .init(fileURLWithPath: folder.file("desk.sock")))
        #expect(#expect(throws: DeskError.self) { try LocalDesk.checkSocket(folder.path) }?.exitCode == 78)
    }
}
