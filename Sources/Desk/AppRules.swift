import ChannelsEngine
package import ChannelsProtocol
package import Transport

/// What one app of the engine allows, and what is switched on in it.
package struct AppRules: Sendable {
    package var limits = Limits()
    /// Off: every connection is refused with 4003, every call of the HTTP API with 403.
    package var isEnabled = true
    package var clientEvents = true
    package var subscriptionCounts = false
    /// A connection that has neither signed in nor subscribed with a signature within `limits.signInTimeout` is closed.
    package var requiresAuthorization = false
    package var webhooks: [Webhook] = []

    package init() {}

    /// Somebody who is called when something happens.
    package struct Webhook: Sendable {
        /// What there is to tell, by the names it has on the wire.
        package static let allKinds = WebhookEvent.names

        package let address: ServerAddress
        /// With its query, beginning with a slash.
        package let path: String
        package var kinds: Set<String> = Set(Self.allKinds)
        /// The most events of one call.
        package var batch = 1
        /// After the first failure; it doubles with each.
        package var backoff: Duration = .seconds(1)

        package init(_ address: ServerAddress, path: String) {
            self.address = address
            self.path = path
        }
    }

    /// What the desk itself publishes and signs must be allowed in its app, or what was stored would never be told.
    func refuseTooNarrow() throws(DeskError) {
        let needs = [
            ("channel_name", limits.channelName, 164), ("event_name", limits.eventName, 32),
            ("event_data", limits.eventData, DeskEvents.requestLimit), ("user_id", limits.userID, 64),
            ("user_info", limits.userInfo, 1_024),
        ]
        for (name, value, least) in needs where value < least {
            throw DeskError(
                .configuration, "the desk's own app has \(name) = \(value); the desk itself needs \(least) or more")
        }
    }

    func app(_ credentials: AppCredentials) -> EngineApp {
        var features = EngineApp.Features()
        features.isEnabled = isEnabled
        features.clientEvents = clientEvents
        features.subscriptionCounts = subscriptionCounts
        features.requiresAuthorization = requiresAuthorization
        features.webhooks = !webhooks.isEmpty
        return EngineApp(
            id: credentials.id, key: credentials.key, secret: credentials.secret, limits: limits, features: features)
    }
}
