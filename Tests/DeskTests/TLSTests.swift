import ChannelsProtocol
import Foundation
import Testing

@testable import Desk

@Suite("a desk with TLS", .enabled(if: TestCertificate.canBeMade))
struct TLSTests {
    private func withSecureDesk(_ test: (TestDesk, TestCertificate) async throws -> Void) async throws {
        let files = try TestCertificate(TemporaryFolder())
        try await withDesk(configure: {
            $0.tls = TLSFiles(certificate: files.certificate, key: files.key)
            $0.limits.handshakeTimeout = .seconds(2)
        }) { desk async throws in try await test(desk, files) }
    }

    @Test("answers HTTP and WebSockets over it on the same port")
    func bothProtocols() async throws {
        try await withSecureDesk { desk, files async throws in
            #expect(desk.server.address == "https://127.0.0.1:\(desk.port)")
            let connection = try files.connect(port: desk.port)
            #expect(try await connection.call("GET", "/healthz").json == ["ok": true])
            let me = try await connection.call("GET", "/api/me", token: desk.token("alice"))
            #expect(me.json["id"] == "alice")
            let socket = try await desk.socket(over: files.connect(port: desk.port))
            let form: HTTPQuery = ["socket_id": await socket.id, "channel_name": "presence-lobby"]
            let auth = try await connection.call("POST", "/pusher/auth", token: desk.token("bob"), body: form.text)
            try await socket.subscribe("presence-lobby", auth.json)
            let body = #"{"client_id":"1","text":"\#(String(repeating: "x", count: 8_000))"}"#
            let path = "/api/rooms/lobby/messages"
            let sent = try await connection.call("POST", path, token: desk.token("alice"), body: body)
            #expect(sent.status == 201)
            #expect(try await socket.event(named: "new_message").data["from"] == "alice")
            await desk.server.drain()
            guard case .close(4200, _) = try await socket.ending() else {
                Issue.record("not closed with 4200")
                return
            }
        }
    }

    @Test("answers nobody without it, and those it does not concern are still served")
    func plain() async throws {
        try await withSecureDesk { desk, files async throws in
            for begin in ["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}", "\0"] {
                let plain = try RawConnection(port: desk.port)
                try await plain.send(begin + String(repeating: "x", count: 100))
                let answer = try await plain.receive()
                #expect(!String(decoding: answer, as: UTF8.self).contains("HTTP"))
            }
            #expect(try await files.connect(port: desk.port).call("GET", "/healthz").status == 200)
            // The socket in the folder needs none.
            let local = try RawConnection(socketPath: LocalDesk.socket(desk.folder.path).path)
            #expect(try await local.call("GET", "/api/me", token: "local:alice").status == 200)
        }
    }

    @Test(
        "takes a renewed certificate without a restart, keeps who is connected, and keeps the old one where it is wrong"
    )
    func renewed() async throws {
        try await withSecureDesk { desk, files async throws in
            let before = try files.connect(port: desk.port)
            #expect(try await before.call("GET", "/healthz").status == 200)
            let renewed = try TestCertificate(TemporaryFolder())
            for (new, old) in [(renewed.certificate, files.certificate), (renewed.key, files.key)] {
                try FileManager.default.removeItem(atPath: old)
                try FileManager.default.copyItem(atPath: new, toPath: old)
            }
            try desk.server.reloadCertificate()
            #expect(try await renewed.connect(port: desk.port).call("GET", "/healthz").status == 200)
            #expect(try await before.call("GET", "/healthz").status == 200)
            try "nothing".write(toFile: files.certificate, atomically: true, encoding: .utf8)
            #expect(throws: DeskError.self) { try desk.server.reloadCertificate() }
            #expect(try await renewed.connect(port: desk.port).call("GET", "/healthz").status == 200)
        }
    }

    @Test("speaks no version below 1.2")
    func oldVersion() async throws {
        try await withSecureDesk { desk, files async throws in
            let old = try files.connect(port: desk.port, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
            await #expect(throws: RawConnection.Failure.self) { try await old.call("GET", "/healthz") }
            #expect(try await files.connect(port: desk.port, ["-tls1_2"]).call("GET", "/healthz").status == 200)
        }
    }

    @Test("does not start with files that are missing, wrong, locked or for everybody to read")
    func files() async throws {
        let good = try TestCertificate(TemporaryFolder())
        let other = try TestCertificate(TemporaryFolder())
        let folder = try TemporaryFolder()
        try "nothing".write(toFile: folder.file("text"), atomically: true, encoding: .utf8)
        try TestCertificate.run(["ec", "-in", good.key, "-aes128", "-passout", "pass:x", "-out", folder.file("locked")])
        for name in ["text", "locked"] { chmod(folder.file(name), 0o600) }
        let open = folder.file("open")
        try FileManager.default.copyItem(atPath: good.key, toPath: open)
        chmod(open, 0o644)
        let none = folder.file("none")
        let cases: [(String, String, String)] = [
            (none, good.key, "\(none): there is no such file; it is to hold the certificate"),
            (
                good.certificate, none,
                "\(none): there is no such file; it is to hold the private key of the certificate"
            ),
            (folder.path, good.key, "\(folder.path): is no file; it is to hold the certificate"),
            (
                folder.file("text"), good.key,
                "\(folder.file("text")): holds no certificate; expected PEM, -----BEGIN CERTIFICATE-----"
            ),
            (
                good.certificate, folder.file("text"),
                "\(folder.file("text")): holds no private key; expected PEM, such as -----BEGIN PRIVATE KEY-----"
            ),
            (
                good.certificate, folder.file("locked"),
                "\(folder.file("locked")): is locked with a passphrase; the desk starts without asking, so give a key"
                    + " without one"
            ),
            (good.certificate, open, "\(open): everybody can read the key (mode 644); chmod 600 it"),
            (
                good.certificate, other.key,
                "\(other.key): is not the key of the first certificate in \(good.certificate); give the two that"
                    + " belong together"
            ),
        ]
        for (certificate, key, sentence) in cases {
            let place = try TemporaryFolder()
            var configuration = DeskConfiguration(folder: place.path, listen: ("127.0.0.1", 0))
            configuration.tls = TLSFiles(certificate: certificate, key: key)
            let error = await #expect(throws: DeskError.self) { try await DeskServer.start(configuration) }
            #expect(error == DeskError(.configuration, sentence))
            #expect(try !place.names().contains("desk.sock"))
        }
    }
}
