import Foundation

/// A certificate for 127.0.0.1 that signs itself, with its key, made by `openssl` in a folder of the test's own; and a
/// client that trusts it and nothing else.
struct TestCertificate: Sendable {
    static let openssl = "/usr/bin/openssl"
    static var canBeMade: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

    let folder: TemporaryFolder
    var certificate: String { folder.file("cert.pem") }
    var key: String { folder.file("key.pem") }

    init(_ folder: TemporaryFolder) throws {
        self.folder = folder
        try Self.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650",
            "-subj", "/CN=desk", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
    }

    static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: openssl)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw RawConnection.Failure.closed }
    }

    /// A connection whose bytes go through TLS. It ends when the value it came with does.
    func connect(port: Int, _ more: [String] = []) throws -> RawConnection {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw RawConnection.Failure.connect(errno) }
        let theirs = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openssl)
        process.arguments =
            [
                "s_client", "-quiet", "-verify_quiet", "-verify_return_error", "-CAfile", certificate, "-connect",
                "127.0.0.1:\(port)",
            ] + more
        process.standardInput = theirs
        process.standardOutput = theirs
        process.standardError = FileHandle.nullDevice
        let connection = RawConnection(descriptor: ends[0])
        try process.run()
        // The program has its own by now; with ours open its end would not be seen.
        try theirs.close()
        return connection
    }
}
