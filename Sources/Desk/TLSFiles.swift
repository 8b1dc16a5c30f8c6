import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// The two files TLS needs, in PEM: the certificate with those that sign it, and its private key.
package struct TLSFiles: Equatable, Sendable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Throws which of them is wrong and how.
    package func check() throws(DeskError) { _ = try context() }

    /// Reads them, or says which of them is wrong and how.
    func context() throws(DeskError) -> NIOSSLContext {
        try Self.look(certificate, for: "the certificate", isSecret: false)
        try Self.look(key, for: "the private key of the certificate", isSecret: true)
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            certificates = []
        }
        guard !certificates.isEmpty else {
            throw Self.wrong("\(certificate): holds no certificate; expected PEM, -----BEGIN CERTIFICATE-----")
        }
        let privateKey = try readKey()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Who does not answer the goodbye is not waited for; a drain has its own bound.
        configuration.shutdownTimeout = .milliseconds(500)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Self.wrong(
                "\(key): is not the key of the first certificate in \(certificate); give the two that belong together")
        }
    }

    private func readKey() throws(DeskError) -> NIOSSLPrivateKey {
        var isEncrypted = false
        do {
            // Without a callback a passphrase would be asked for at the terminal.
            return try NIOSSLPrivateKey(file: key, format: .pem) { (setter: ([UInt8]) -> Void) in
                isEncrypted = true
                setter([])
            }
        } catch {
            throw Self.wrong(
                isEncrypted
                    ? "\(key): is locked with a passphrase; the desk starts without asking, so give a key without one"
                    : "\(key): holds no private key; expected PEM, such as -----BEGIN PRIVATE KEY-----")
        }
    }

    private static func look(_ path: String, for what: String, isSecret: Bool) throws(DeskError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let code = errno
            throw wrong(
                code == ENOENT
                    ? "\(path): there is no such file; it is to hold \(what)"
                    : "\(path): cannot be read (\(SystemError.text(code)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw wrong("\(path): is no file; it is to hold \(what)") }
        guard access(path, R_OK) == 0 else { throw wrong("\(path): cannot be read (\(SystemError.text(errno)))") }
        guard !isSecret || status.st_uid == geteuid() || status.st_uid == 0 else {
            throw wrong(
                "\(path): belongs to user \(status.st_uid), neither you nor root; see who made it, then chown it")
        }
        // A group may read it: that is how systems keep such keys.
        guard !isSecret || status.st_mode & 0o007 == 0 else {
            throw wrong(
                "\(path): everybody can read the key (mode \(String(status.st_mode & 0o777, radix: 8))); chmod 600 it")
        }
    }

    private static func wrong(_ sentence: String) -> DeskError { DeskError(.configuration, sentence) }
}

/// The certificate that new connections get: read at the start, and again when it was renewed.
final class Certificate: Sendable {
    private let files: TLSFiles
    private let current: Mutex<NIOSSLContext>

    init(_ files: TLSFiles) throws(DeskError) {
        self.files = files
        current = Mutex(try files.context())
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// What cannot be used leaves the one there is.
    func reload() throws(DeskError) {
        let new = try files.context()
        current.withLock { $0 = new }
    }
}
