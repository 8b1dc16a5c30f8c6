internal import Glibc
internal import NIOSSL

/// Whom we trust: the authorities the system trusts, and those in the file that `SSL_CERT_FILE` names, for a desk whose
/// certificate is its owner's own.
enum TLS {
    static let configuration: TLSConfiguration = {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = getenv("SSL_CERT_FILE"), file.pointee != 0 {
            configuration.additionalTrustRoots = [.file(String(cString: file))]
        }
        return configuration
    }()

    private static let shared = Result { try NIOSSLContext(configuration: configuration) }

    /// Reads the certificates when first needed.
    static func context() throws -> NIOSSLContext { try shared.get() }
}
