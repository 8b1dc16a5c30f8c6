import Foundation
import Testing

extension Runs {
    @Suite("parley serve")
    struct ServeRuns {
        @Test("sends everybody away with 4200 at SIGTERM, under load, and ends within its bound")
        func drains() throws {
            let folder = try TestFolder()
            let server = try ServedDesk(folder)
            defer { server.kill() }
            let crowd = try Crowd(300, port: server.port, key: "testkey")
            // Everybody is greeted, and talks on.
            try crowd.run(until: .seconds(20)) { $0.allSatisfy(\.isGreeted) }
            let start = ContinuousClock.now
            Foundation.kill(server.pid, SIGTERM)
            try crowd.run(until: .seconds(10)) { $0.allSatisfy(\.hasEnded) }
            #expect(Program.reap(server.pid) == 0)
            server.isReaped = true
            #expect(ContinuousClock.now - start < .seconds(5))
            let codes = Set(crowd.members.map(\.code))
            #expect(codes == [4200], "\(codes)")
            // Not all in the same moment: they come back as they were sent away.
            let ends = crowd.members.compactMap(\.endedAt)
            #expect(try #require(ends.max()) - #require(ends.min()) > .milliseconds(100))
        }

        @Test(
            "shows a user's connections, ends one, and ends them all when the token is renewed or the account removed")
        func sessions() throws {
            let folder = try TestFolder()
            let server = try ServedDesk(folder)
            defer { server.kill() }
            let place = ["--data", folder.path + "/desk"]
            var token = try run(folder, ["user", "add", "bob"] + place).output.trimmingCharacters(in: .newlines)
            for end in [["sessions", "end"], ["user", "token", "bob"] + place, ["user", "remove", "bob"] + place] {
                let tail = try Program.spawn(
                    [Program.path, "tail", "--present", "--url", server.url],
                    environment: Program.environment(home: folder.path, ["PARLEY_TOKEN": token]), files: server.nowhere)
                let session = try session(folder, server, token)
                #expect(session.contains("\"from\":\"this machine\""))
                #expect(session.contains("\"client\":\"parley "))
                let id = try #require(
                    session.components(separatedBy: "\"id\":\"").last?.components(separatedBy: "\"").first)
                let outcome =
                    end[0] == "sessions"
                    ? try run(folder, end + [id, "--url", server.url], token: token) : try run(folder, end)
                #expect(outcome.code == 0, "\(outcome.errors)")
                #expect(Program.reap(tail) == 77)
                if end.contains("token") { token = outcome.output.trimmingCharacters(in: .newlines) }
            }
            #expect(try run(folder, ["sessions", "--url", server.url], token: token).code == 77)
        }

        @Test("killed again and again it has every message that was acknowledged, and a doubtful one is settled once")
        func killed() throws {
            let folder = try TestFolder()
            let place = ["--data", folder.path + "/desk"]
            let token = try run(folder, ["user", "add", "alice"] + place).output.trimmingCharacters(in: .newlines)
            #expect(try run(folder, ["user", "add", "bob"] + place).code == 0)
            var said: [String] = []
            for round in 1...3 {
                let server = try ServedDesk(folder)
                func send(_ text: String, id: String) throws -> Program.Outcome {
                    try run(folder, ["send", "bob", text, "--client-id", id, "--url", server.url], token: token)
                }
                if round > 1 { #expect(try send("doubtful \(round - 1)", id: Self.id(round - 1)).code == 0) }
                if round > 1 { said.append("doubtful \(round - 1)") }
                for number in 1...2 {
                    let text = "round \(round), number \(number)"
                    #expect(try send(text, id: Self.id(round * 10 + number)).code == 0)
                    said.append(text)
                }
                let doubtful = try Program.spawn(
                    [
                        Program.path, "send", "bob", "doubtful \(round)", "--client-id", Self.id(round), "--timeout",
                        "2s",
                        "--url", server.url,
                    ],
                    environment: Program.environment(home: folder.path, ["PARLEY_TOKEN": token]), files: server.nowhere)
                server.kill()
                #expect([0, 69, 75].contains(Program.reap(doubtful)))
            }
            let server = try ServedDesk(folder)
            defer { server.kill() }
            let history = try run(folder, ["history", "bob", "--json", "--url", server.url], token: token)
            let texts = history.lines.compactMap { line in
                line.components(separatedBy: "\"text\":\"").last?.components(separatedBy: "\"").first
            }
            // The last doubtful one was not settled: it may be there. Those before stand where they came the first time.
            #expect(texts.filter { $0.hasPrefix("round") } == said.filter { $0.hasPrefix("round") }, "\(texts)")
            #expect(texts.filter { $0 != "doubtful 3" }.sorted() == said.sorted(), "\(texts)")
            #expect(history.lines.enumerated().allSatisfy { $1.contains("\"seq\":\($0 + 1),") })
        }

        /// A client id for a number.
        private static func id(_ number: Int) -> String {
            "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
        }

        @Test("is ended and started anew while people talk, and every line comes once and in its place")
        func upgraded() throws {
            let folder = try TestFolder()
            var server = try ServedDesk(folder)
            defer { server.kill() }
            let port = server.port
            _ = try RestartTalk(on: server, in: folder) { number in
                guard number % 30 == 10 else { return }
                #expect(server.end() == 0)
                server = try ServedDesk(folder, port: port)
            }
        }

        @Test(
            "speaks TLS with those who trust its authority, and takes a renewed certificate while they talk",
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
        func secure() throws {
            let folder = try TestFolder()
            let (old, new) = try (certificate("old.pem", in: folder), certificate("new.pem", in: folder))
            let server = try ServedDesk(
                folder, config: "[desk]\ntls_certificate = \"\(old)\"\ntls_key = \"\(old).key\"\n")
            defer { server.kill() }
            let place = ["--data", folder.path + "/desk"]
            let token = try run(folder, ["user", "add", "alice"] + place).output.trimmingCharacters(in: .newlines)
            _ = try run(folder, ["user", "add", "bob"] + place)
            func verb(_ arguments: String..., trusting file: String?) throws -> Program.Outcome {
                try Program.run(
                    arguments + ["--url", server.url], home: folder.path,
                    environment: ["PARLEY_TOKEN": token, "SSL_CERT_FILE": file])
            }
            #expect(try verb("send", "bob", "nobody", trusting: nil).errors.contains("certificate is not trusted"))
            #expect(try verb("who", trusting: new).code == 69)
            #expect(try verb("who", trusting: server.url).errors.contains("SSL_CERT_FILE names no file"))
            let tail = try BackgroundVerb(
                folder: folder, ["tail", "--count", "2", "--url", server.url],
                ["PARLEY_TOKEN": token, "SSL_CERT_FILE": old])
            try tail.waitForOutput("Connected.")
            #expect(try verb("send", "bob", "before", trusting: old).code == 0)
            try tail.waitForOutput("before")
            for end in ["", ".key"] {
                let renewed = try String(contentsOfFile: new + end, encoding: .utf8)
                try renewed.write(toFile: old + end, atomically: false, encoding: .utf8)
            }
            Foundation.kill(server.pid, SIGHUP)
            let limit = ContinuousClock.now + .seconds(15)
            while try verb("who", trusting: new).code != 0, .now < limit {}
            #expect(try verb("send", "bob", "after", trusting: new).code == 0)
            let heard = try tail.waitForEnd()
            #expect(heard.code == 0 && heard.output.contains("after"), "\(heard)")
            #expect(!heard.output.contains("Connection lost"), "\(heard)")
        }

        /// A certificate for 127.0.0.1 that signs itself; the file beside it, with `.key`, is its key.
        private func certificate(_ name: String, in folder: TestFolder) throws -> String {
            let file = try folder.write("", to: name)
            try folder.write("", to: name + ".key")
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            defer { close(null) }
            let openssl = try Program.spawn(
                [
                    "/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", "/CN=desk", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    file + ".key", "-out", file,
                ], environment: Program.environment(home: folder.path), files: [null, null, null])
            #expect(Program.reap(openssl) == 0)
            return file
        }

        @Test("reads a renewed certificate at SIGHUP and goes on, also without one")
        func hangUp() throws {
            let folder = try TestFolder()
            let server = try ServedDesk(folder, config: "log_format = \"json\"\n[desk]\nlog = \"stderr\"\n")
            defer { server.kill() }
            Foundation.kill(server.pid, SIGHUP)
            let limit = ContinuousClock.now + .seconds(10)
            var log = ""
            while !log.contains("has no certificate"), .now < limit {
                log = try String(contentsOfFile: folder.path + "/errors", encoding: .utf8)
                poll(nil, 0, 10)
            }
            let line = log.split(separator: "\n").last { $0.contains("has no certificate") }
            #expect(line?.hasPrefix("{\"v\":1,\"at\":\"") == true, "\(log)")
            #expect(Program.state(of: server.pid) != "Z")
            #expect(server.end() == 0)
        }

        @Test("is copied while it runs, and once only under one name")
        func backup() throws {
            let folder = try TestFolder()
            let server = try ServedDesk(folder)
            defer { server.kill() }
            let arguments = ["backup", folder.path + "/copy", "--data", folder.path + "/desk", "--json"]
            let first = try run(folder, arguments)
            #expect(first.code == 0)
            #expect(first.output.hasPrefix("{\"v\":1,\"file\":\"\(folder.path)/copy\",\"messages\":0,\"bytes\":"))
            let second = try run(folder, arguments)
            #expect(second.code == 73)
            #expect(second.errors.contains("not overwritten"))
            #expect(second.errors.split(separator: "\n").count == 1)
        }

        private func run(_ folder: TestFolder, _ arguments: [String], token: String? = nil) throws -> Program.Outcome {
            try Program.run(arguments, home: folder.path, environment: ["PARLEY_TOKEN": token])
        }

        /// The line of the one session of bob's, as soon as it stands in the lobby.
        private func session(_ folder: TestFolder, _ server: ServedDesk, _ token: String) throws -> String {
            let limit = ContinuousClock.now + .seconds(15)
            while ContinuousClock.now < limit {
                let list = try run(folder, ["sessions", "--json", "--url", server.url], token: token)
                if list.output.contains("\"present\":true") { return list.output }
            }
            throw RunError("the session did not show")
        }
    }
}

/// Many WebSockets in one loop, each of which says something whenever it hears something.
private final class Crowd {
    struct Member {
        let descriptor: Int32
        var bytes: [UInt8] = []
        var isGreeted = false
        var endedAt: ContinuousClock.Instant?
        var code = 0

        var hasEnded: Bool { endedAt != nil }
    }

    private(set) var members: [Member] = []

    init(_ count: Int, port: Int, key: String) throws {
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { throw RunError("not connected") }
            members.append(Member(descriptor: descriptor))
            say(
                descriptor,
                Array(
                    ("GET /app/\(key)?protocol=7 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").utf8))
        }
    }

    deinit { for member in members { close(member.descriptor) } }

    func run(until limit: Duration, _ isDone: ([Member]) -> Bool) throws {
        let limit = ContinuousClock.now + limit
        while !isDone(members) {
            var files = members.map { pollfd(fd: $0.hasEnded ? -1 : $0.descriptor, events: Int16(POLLIN), revents: 0) }
            let left = Program.milliseconds(until: limit)
            guard left > 0, poll(&files, nfds_t(files.count), Int32(left)) > 0 else {
                throw RunError("it took too long")
            }
            for (index, file) in files.enumerated() where file.revents != 0 { hear(index) }
        }
    }

    private func hear(_ index: Int) {
        var part = [UInt8](repeating: 0, count: 4_096)
        let count = recv(members[index].descriptor, &part, part.count, 0)
        guard count > 0 else {
            members[index].endedAt = .now
            return
        }
        members[index].bytes += part[..<count]
        let bytes = members[index].bytes
        // A close frame of the server: FIN and opcode 8, a short length, the code.
        for start in bytes.indices.dropLast(3) where bytes[start] == 0x88 && bytes[start + 1] < 126 {
            members[index].code = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
            members[index].endedAt = .now
            return
        }
        members[index].bytes = Array(bytes.suffix(3))
        if !members[index].isGreeted { members[index].isGreeted = contains(bytes, "connection_established") }
        if members[index].isGreeted { say(members[index].descriptor, Self.ping) }
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(text)
    }

    private func say(_ descriptor: Int32, _ bytes: [UInt8]) {
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// `pusher:ping`, masked with zeros.
    private static let ping: [UInt8] = {
        let text = Array(#"{"event":"pusher:ping","data":{}}"#.utf8)
        return [0x81, 0x80 | UInt8(text.count), 0, 0, 0, 0] + text
    }()
}
