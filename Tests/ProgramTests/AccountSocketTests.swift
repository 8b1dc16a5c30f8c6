import Foundation
import Glibc
import Testing
import Transport

@testable import ChatSession
@testable import parley

@Suite("the socket of an account", .timeLimit(.minutes(1)))
struct AccountSocketTests {
    /// `nameLength` makes the path longer than a socket address.
    private static func place(nameLength: Int = 8) throws -> (TestFolder, AccountSocket) {
        let folder = try TestFolder()
        let inner = folder.path + "/" + String(repeating: "a", count: nameLength)
        try FileManager.default.createDirectory(
            atPath: inner, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return (folder, AccountSocket(store: inner + "/0123.sqlite"))
    }

    private static func listening(_ socket: AccountSocket) throws -> LocalListener {
        let listener = LocalListener(uri: AccountSocket.uri, tooSlow: LineEnd.standAlone.rawValue) { _ in }
        try listener.listen(SocketPath(socket.path))
        return listener
    }

    @Test("stands beside the account's database and is found there, however long the path", arguments: [8, 180])
    func found(nameLength: Int) throws {
        let (folder, socket) = try Self.place(nameLength: nameLength)
        #expect(socket.path == folder.path + "/" + String(repeating: "a", count: nameLength) + "/0123.sock")
        #expect(socket.listener() == nil)
        let listener = try Self.listening(socket)
        #expect(socket.listener() == getpid())
        listener.close(code: 4200)
    }

    @Test("is not trusted where others may write to it or put another in its place", arguments: [0o660, 0o606, 0o644])
    func modes(mode: mode_t) throws {
        let (folder, socket) = try Self.place()
        let listener = try Self.listening(socket)
        chmod(socket.path, mode)
        #expect(socket.listener() == nil)
        chmod(socket.path, 0o600)
        #expect(socket.listener() != nil)
        chmod(socket.folder, 0o770)
        #expect(socket.listener() == nil)
        chmod(socket.folder, 0o700)
        listener.close(code: 4200)
        _ = folder
    }

    @Test("is not followed over links, and no file is taken for it")
    func links() throws {
        let (folder, socket) = try Self.place()
        let other = AccountSocket(store: socket.folder + "/other.sqlite")
        let listener = try Self.listening(other)
        try FileManager.default.createSymbolicLink(atPath: socket.path, withDestinationPath: other.path)
        #expect(socket.listener() == nil)
        #expect(!socket.clear())
        unlink(socket.path)
        try Data("text".utf8).write(to: URL(fileURLWithPath: socket.path))
        chmod(socket.path, 0o600)
        #expect(socket.listener() == nil)
        #expect(!socket.clear())
        #expect(FileManager.default.fileExists(atPath: socket.path))
        listener.close(code: 4200)
        _ = folder
    }

    @Test("that a dead client left behind is nobody's, and is removed by the next")
    func stale() throws {
        let (folder, socket) = try Self.place()
        try Self.listening(socket).close(code: 4200)
        let made = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(made) }
        if !FileManager.default.fileExists(atPath: socket.path) { try Self.bindOnly(made, socket.path) }
        #expect(socket.listener() == nil)
        #expect(socket.clear())
        #expect(!FileManager.default.fileExists(atPath: socket.path))
        _ = folder
    }

    private static func bindOnly(_ descriptor: Int32, _ path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isBound else { throw RunError("cannot bind \(path)") }
        chmod(path, 0o600)
    }
}
