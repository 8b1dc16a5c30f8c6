/// The proxies whose word counts about where somebody calls from.
package struct TrustedProxies: Equatable, Sendable {
    /// This machine's own.
    package static let initial = "127.0.0.0/8 ::1"
    static let thisMachine = TrustedProxies(initial) ?? TrustedProxies(networks: [])

    private struct Network: Equatable {
        let address: IPAddress
        let bits: Int
    }

    private let networks: [Network]

    private init(networks: [Network]) { self.networks = networks }

    /// - Parameter text: addresses, or networks such as `10.0.0.0/8`, with blanks between; nil where one is neither.
    package init?(_ text: String) {
        var networks: [Network] = []
        for word in text.unicodeScalars.split(separator: " ") {
            let halves = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let address = IPAddress(halves[0]) else { return nil }
            guard halves.count == 2 else {
                networks.append(Network(address: address, bits: address.bitCount))
                continue
            }
            guard let bits = Int(halves[1]), (0...address.bitCount).contains(bits), !halves[1].hasPrefix("+") else {
                return nil
            }
            networks.append(Network(address: address, bits: bits))
        }
        self.init(networks: networks)
    }

    func contains(_ address: IPAddress) -> Bool {
        networks.contains { address.begins(with: $0.address, bits: $0.bits) }
    }
}
