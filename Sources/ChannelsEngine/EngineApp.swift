package import ChannelsProtocol

/// One app of the engine: who may publish, what is allowed, what is switched on.
package struct EngineApp: Equatable, Sendable {
    package let id: String
    package let signer: Signer
    package var limits: Limits
    package var features: Features

    package struct Features: Equatable, Sendable {
        /// Whether clients may send events to each other.
        package var clientEvents = true
        /// Whether subscribers are told how many they are, on channels without members.
        package var subscriptionCounts = false
        /// Whether a connection must sign in, or subscribe with a signature, within `limits.signInTimeout`.
        package var requiresAuthorization = false
        /// Whether the engine has events for webhooks to tell.
        package var webhooks = false
        package var isEnabled = true

        package init() {}
    }

    package var key: String { signer.key }

    package init(
        id: String, key: String, secret: String, limits: Limits = .init(), features: Features = .init()
    ) {
        self.id = id
        signer = Signer(key: key, secret: secret)
        self.limits = limits
        self.features = features
    }

    /// Why a connection with such a `protocol` in its URL is refused before it is one; nil if it is not.
    package func refusal(protocol version: String?) -> CloseCode? {
        guard features.isEnabled else { return .appDisabled }
        guard let version else { return .noProtocol }
        return Int(version).map { (5...7).contains($0) } == true ? nil : .unsupportedProtocol
    }
}
