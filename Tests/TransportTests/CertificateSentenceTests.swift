import Glibc
import Testing

@testable import Transport

@Suite("the sentence about a refused certificate")
struct CertificateSentenceTests {
    /// 2026-11-20.
    private let now: time_t = 1_795_132_800
    private let day: time_t = 86_400

    private func sentence(_ dates: (Int, Int)...) -> String {
        CertificateProbe.sentence(dates.map { (now + $0.0 * day, now + $0.1 * day) }, now: now)
    }

    @Test("an expired certificate is called expired, with the day and who can renew it")
    func expired() {
        let text = sentence((-90, -10), (-400, 400))
        #expect(text == "TLS: the server's certificate expired on 2026-11-10; whoever runs the server has to renew it")
        #expect(sentence((-90, 10), (-400, -1)).contains("a certificate that signs the server's expired on 2026-11-19"))
    }

    @Test("a certificate of the future asks for a look at the clock")
    func future() {
        #expect(sentence((2, 90)).contains("valid from 2026-11-22 on; is the clock of this machine right?"))
    }

    @Test("a valid certificate of an unknown authority is not trusted")
    func unknownAuthority() {
        let text = sentence((-90, 90))
        #expect(text.contains("is not trusted"))
        #expect(text.contains("SSL_CERT_FILE"))
    }
}
