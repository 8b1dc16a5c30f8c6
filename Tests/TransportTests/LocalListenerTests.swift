import Foundation
import Glibc
import Synchronization
import Testing
import Transport

@Suite("a listener for lines", .timeLimit(.minutes(1)))
struct LocalListenerTests {
    /// A listener that answers what it hears, and what happened at it.
    private final class Room {
        let folder: SocketFolder
        let listener: LocalListener
        let events: AsyncStream<LocalListener.Event>

        init(nameLength: Int = 8, _ limits: LocalListener.Limits = .init()) throws {
            folder = SocketFolder(nameLength: nameLength)
            let (events, said) = AsyncStream.makeStream(of: LocalListener.Event.self)
            self.events = events
            listener = LocalListener(uri: "/line?version=1", tooSlow: 4290, limits: limits) { said.yield($0) }
            try listener.listen(SocketPath(folder.socket))
        }

        deinit { listener.close(code: 4200) }

        func connect(_ uri: String = "/line?version=1") -> Client { Client(.unix(path: folder.socket), path: uri) }
    }

    @Test("carries texts both ways by number, on a socket of its owner alone", arguments: [8, 180])
    func texts(nameLength: Int) async throws {
        let room = try Room(nameLength: nameLength)
        var status = stat()
        #expect(lstat(room.folder.socket, &status) == 0 && status.st_mode & 0o777 == 0o600)
        var events = room.events.makeAsyncIterator()
        let first = room.connect()
        #expect(await first.next() == .opened)
        #expect(await events.next() == .opened(1))
        let second = room.connect()
        #expect(await second.next() == .opened)
        #expect(await events.next() == .opened(2))
        second.connection.send("from two")
        #expect(await events.next() == .text(2, "from two"))
        room.listener.send(1, "to one")
        #expect(await first.next() == .text("to one"))
        first.connection.abandon()
        #expect(await events.next() == .closed(1))
        room.listener.end(2, code: 4200)
        #expect(await second.next() == .closed(code: 4200, reason: ""))
        #expect(await events.next() == .closed(2))
    }

    @Test("another version, another path and plain HTTP get a 404", arguments: ["/line?version=2", "/", "/app/key"])
    func otherVersion(uri: String) async throws {
        let room = try Room()
        let client = room.connect(uri)
        guard case .refused(404, _) = await client.next() else {
            Issue.record("it was taken")
            return
        }
    }

    @Test("a line that does not read is ended when its share is full, and holds nobody up")
    func slowReader() async throws {
        var limits = LocalListener.Limits()
        limits.outbound = 1 << 20
        let room = try Room(limits)
        var events = room.events.makeAsyncIterator()
        let slow = room.connect()
        #expect(await slow.next() == .opened)
        #expect(await events.next() == .opened(1))
        slow.connection.setReading(false)
        let other = room.connect()
        #expect(await other.next() == .opened)
        #expect(await events.next() == .opened(2))
        let block = String(repeating: "x", count: 100_000)
        for _ in 0..<40 { room.listener.send(1, block) }
        room.listener.send(2, "still here")
        #expect(await other.next() == .text("still here"))
        slow.connection.setReading(true)
        var whole = 0
        while let event = await slow.next() {
            guard event == .text(block) else {
                #expect(event == .closed(code: 4290, reason: ""))
                break
            }
            whole += 1
        }
        #expect((1..<40).contains(whole))
    }

    @Test("a line that says too much, or too large a thing, is ended", arguments: ["flood", "large"])
    func tooMuch(how: String) async throws {
        var limits = LocalListener.Limits()
        limits.messagesPerMinute = 10
        let room = try Room(limits)
        let client = room.connect()
        #expect(await client.next() == .opened)
        if how == "flood" {
            for number in 0..<20 { client.connection.send("\(number)") }
        } else {
            client.connection.send(String(repeating: "x", count: 70_000))
        }
        guard case .closed(let code, _) = await client.next() else {
            Issue.record("it goes on")
            return
        }
        #expect(code == (how == "flood" ? 4290 : 1009))
    }

    @Test("more lines than there is room for are closed unheard")
    func tooMany() async throws {
        var limits = LocalListener.Limits()
        limits.lines = 2
        let room = try Room(limits)
        let clients = [room.connect(), room.connect()]
        for client in clients { #expect(await client.next() == .opened) }
        let third = room.connect()
        guard case .failed = await third.next() else {
            Issue.record("it was taken")
            return
        }
        clients[0].connection.abandon()
    }

    @Test(
        "what is no WebSocket at all is closed",
        arguments: ["\r\n\r\n", "GET /line?version=1 HTTP/1.1\r\n\r\n", "\u{0}\u{1}\u{2}\n\n"])
    func noWebSocket(text: String) async throws {
        var limits = LocalListener.Limits()
        limits.handshake = .milliseconds(300)
        let room = try Room(limits)
        let path = try SocketPath(room.folder.socket)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.text.utf8) }
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        #expect(isConnected)
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        var part = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &part, part.count) > 0 {}
    }
}
