import ChannelsProtocol
@testable import Desk
import Foundation
import Testing

@Suite("the local desk")
struct LocalDeskTests {
    @Test("one of many that try at once is the host")
    func oneHost() async throws {
        let folder = try TemporaryFolder()
        let locks = try await withThrowingTaskGroup(of: HostLock?.self) { group in
            for _ in 0..<16 { group.addTask { try LocalDesk.tryHost(folder.path) } }
            return try await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
        }
        #expect(locks.count == 1)
        #expect(LocalDesk.holder(folder.path)?.pid == getpid())
        #expect(LocalDesk.holder(folder.path)?.isStopped == false)
        locks[0].release()
        locks[0].release()
        let next = try LocalDesk.tryHost(folder.path)
        #expect(next != nil)
        #expect(try folder.names().contains("desk.lock"))
    }

    @Test("the lock file is never deleted, and one that was replaced is noticed")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let lock = try #require(try LocalDesk.tryHost(folder.path))
        try FileManager.default.removeItem(atPath: folder.file("desk.lock"))
        let other = try #require(try LocalDesk.tryHost(folder.path))
        #expect(lock.isHeld && other.isHeld)
        #expect(try LocalDesk.tryHost(folder.path) == nil)
    }

    @Test("what is made is for its owner only")
    func modes() async throws {
        let parent = try TemporaryFolder()
        let path = parent.file("share/parley")
        let lock = try #require(try LocalDesk.tryHost(path))
        let server = try await lock.serve()
        #expect(mode(path) == 0o700)
        for name in ["desk.lock", "desk.sqlite", "desk.sqlite-wal", "desk.sqlite-shm", "desk.sock", "desk.app"] {
            #expect(mode(path + "/" + name) == 0o600, "\(name)")
        }
        await server.drain()
        // One file is the whole afterwards.
        let log = try FileManager.default.attributesOfItem(atPath: path + "/desk.sqlite-wal")[.size] as? Int
        #expect(log == 0)
    }

    @Test("whoever reaches the socket signs in as any id, and any id can be written to")
    func firstUse() async throws {
        try await withLocalDesk { desk async throws in
            #expect(try await desk.call("alice", "GET", "/api/me").json["id"] == "alice")
            #expect(try await desk.say("alice", to: "bob", "hi").status == 201)
            let page = try await desk.call("bob", "GET", "/api/conversations").json
            #expect(page.array?.first?["unseen"]?.int == 1)
            #expect(try await desk.say("alice", to: "..", "hi").code == "unknown_peer")
            for id in ["", "..", "-x", "a b", String(repeating: "a", count: 65)] {
                let answer = try await desk.call(id, "GET", "/api/me")
                #expect(answer.status == 401)
                #expect(answer.code == "bad_user_id")
            }
        }
    }

    @Test("a host hands over at once, also when somebody does not answer its goodbye")
    func handOver() async throws {
        let folder = try TemporaryFolder()
        let lock = try #require(try LocalDesk.tryHost(folder.path))
        let server = try await lock.serve()
        let desk = TestDesk(folder: folder, server: server, tokens: [:])
        let silent = try await desk.socket("alice", in: "presence-lobby")
        let clock = ContinuousClock()
        let start = clock.now
        await server.drain()
        lock.release()
        // Half a second is what it allows; the rest is for a machine with much else to do.
        #expect(clock.now - start < .seconds(10))
        let next = try #require(try LocalDesk.tryHost(folder.path))
        let server2 = try await next.serve()
        #expect(try await silent.ending() == .close(code: 4200, reason: Self.goodbye))
        await server2.drain()
    }

    private static let goodbye = "the server is restarting; please reconnect"

    @Test("a path longer than a socket address is reached through the open folder")
    func longPath() async throws {
        let parent = try TemporaryFolder()
        let path = parent.file(String(repeating: "d", count: 90) + "/" + String(repeating: "e", count: 90))
        let lock = try #require(try LocalDesk.tryHost(path))
        let server = try await lock.serve()
        let socket = try LocalDesk.socket(path)
        #expect(socket.path.utf8.count < 108)
        let answer = try await RawConnection(socketPath: socket.path).call("GET", "/api/me", token: "local:alice")
        #expect(answer.status == 200)
        await server.drain()
    }

    @Test("a stale socket does no harm, and what is no socket is explained and left alone")
    func foreign() async throws {
        let folder = try TemporaryFolder()
        let lock = try #require(try LocalDesk.tryHost(folder.path))
        for round in 1...2 {
            let server = try await lock.serve()
            if round == 1 {
                await server.drain()
                // What a host leaves that was killed: the name of a socket nobody listens on.
                let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                var address = sockaddr_un()
                address.sun_family = sa_family_t(AF_UNIX)
                withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder.file("desk.sock").utf8) }
                let bound = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                    }
                }
                #expect(bound == 0)
                close(descriptor)
            } else {
                await server.drain()
            }
        }
        try Data("mine".utf8).write(to: URL(fileURLWithPath: folder.file("desk.sock")))
        let error = await #expect(throws: DeskError.self) { try await lock.serve() }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("desk.sock") == true)
        #expect(try String(contentsOfFile: folder.file("desk.sock"), encoding: .utf8) == "mine")
    }

    @Test("a folder that others can write into, that is a file, or that cannot be made is explained")
    func folders() throws {
        let parent = try TemporaryFolder()
        let open = parent.file("open")
        mkdir(open, 0o700)
        chmod(open, 0o777)
        #expect(#expect(throws: DeskError.self) { try LocalDesk.tryHost(open) }?.kind == .configuration)
        chmod(open, 0o755)
        #expect(try LocalDesk.tryHost(open) != nil)
        #expect(mode(open) == 0o700)
        try Data().write(to: URL(fileURLWithPath: parent.file("file")))
        for path in ["file", "file/below"] {
            let error = #expect(throws: DeskError.self) { try LocalDesk.tryHost(parent.file(path)) }
            #expect(error?.kind == .cannotWrite)
            #expect(error?.exitCode == 73)
        }
    }

    @Test("a network file system is told by the mount the folder lies on")
    func networkFileSystems() {
        let mounts = """
            22 27 0:21 / /proc rw,relatime - proc proc rw
            27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
            90 27 0:50 / /home rw,relatime shared:1 - nfs4 server:/home rw
            91 90 8:2 / /home/ann/local rw - xfs /dev/sdb rw
            92 27 0:51 / /mnt/my\\040share rw - cifs //server/share rw
            93 27 0:52 / /mnt/ssh rw - fuse.sshfs me@server: rw
            """
        func kind(_ path: String) -> String? { LocalFolder.networkFileSystem(of: path, mountInfo: mounts) }
        #expect(kind("/home/ann/.local/share/parley") == "nfs4")
        #expect(kind("/home") == "nfs4")
        #expect(kind("/homestead") == nil)
        #expect(kind("/home/ann/local/share") == nil)
        #expect(kind("/mnt/my share/x") == "cifs")
        #expect(kind("/mnt/ssh") == "fuse.sshfs")
        #expect(kind("/var") == nil)
        #expect(LocalFolder.networkFileSystem(of: "/", mountInfo: "nonsense\n- -\n") == nil)
    }

    @Test("a served folder is hosted once, and its socket is open to the local programs")
    func servedOnce() async throws {
        try await withDesk { desk async throws in
            let error = await #expect(throws: DeskError.self) {
                try await DeskServer.start(.init(folder: desk.folder.path))
            }
            #expect(error?.message.contains("\(getpid())") == true)
            #expect(error?.exitCode == 69)
            #expect(try LocalDesk.tryHost(desk.folder.path) == nil)
            let socket = try LocalDesk.socket(desk.folder.path)
            let answer = try await RawConnection(socketPath: socket.path).call("GET", "/api/me", token: "local:alice")
            #expect(answer.json["name"] == "Alice")
        }
    }

    @Test("a port that is taken is explained, and nothing stays behind")
    func takenPort() async throws {
        try await withDesk { desk async throws in
            let folder = try TemporaryFolder()
            let error = await #expect(throws: DeskError.self) {
                try await DeskServer.start(.init(folder: folder.path, listen: ("127.0.0.1", desk.port)))
            }
            #expect(error?.message.contains("127.0.0.1:\(desk.port)") == true)
            #expect(error?.exitCode == 69)
            #expect(try LocalDesk.tryHost(folder.path) != nil)
            #expect(try folder.names().contains("desk.sock") == false)
        }
    }

    @Test("a stopped holder is told from a running one, and one that is gone from both")
    func holder() throws {
        let folder = try TemporaryFolder()
        #expect(LocalDesk.holder(folder.path) == nil)
        let sleeper = Process()
        sleeper.executableURL = URL(fileURLWithPath: "/bin/sleep")
        sleeper.arguments = ["30"]
        try sleeper.run()
        let pid = sleeper.processIdentifier
        let owner = LockOwner(pid: pid, host: "here", boot: LockOwner.bootID)
        try SmallFile.write(owner.text, to: folder.file("desk.lock"))
        #expect(LocalDesk.holder(folder.path)?.isStopped == false)
        kill(pid, SIGSTOP)
        var change = siginfo_t()
        waitid(P_PID, id_t(pid), &change, Int32(WSTOPPED) | Int32(WNOWAIT))
        #expect(LocalDesk.holder(folder.path)?.pid == pid)
        #expect(LocalDesk.holder(folder.path)?.isStopped == true)
        kill(pid, SIGKILL)
        sleeper.waitUntilExit()
        #expect(LocalDesk.holder(folder.path) == nil)
        try SmallFile.write("nonsense", to: folder.file("desk.lock"))
        #expect(LocalDesk.holder(folder.path) == nil)
    }
}
