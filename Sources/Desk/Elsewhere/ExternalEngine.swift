package import Transport

/// An engine that somebody else runs: where the desk publishes, and where clients connect.
package struct ExternalEngine: Equatable, Sendable {
    package var api: ServerAddress
    /// What stands before `/apps/…`; empty, or `/something`.
    package var apiPath: String
    package var client: (host: String, port: Int, isSecure: Bool)
    /// What stands before `/app/…`.
    package var clientPath: String

    package init(
        api: ServerAddress, apiPath: String, client: (host: String, port: Int, isSecure: Bool), clientPath: String
    ) {
        self.api = api
        self.apiPath = apiPath
        self.client = client
        self.clientPath = clientPath
    }

    /// The hosted service: `mt1`, `eu` and so on.
    package static func cluster(_ name: String) -> ExternalEngine {
        ExternalEngine(
            api: .tcp(host: "api-\(name).pusher.com", port: 443, isSecure: true), apiPath: "",
            client: ("ws-\(name).pusher.com", 443, true), clientPath: "")
    }

    package static func == (a: ExternalEngine, b: ExternalEngine) -> Bool {
        a.api == b.api && a.apiPath == b.apiPath && a.client == b.client && a.clientPath == b.clientPath
    }
}
