import ChannelsProtocol
import Desk
import Transport

/// The `[[apps]]` of the settings, as the desk takes them.
struct ServedApps {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func apply(to configuration: inout DeskConfiguration) throws(Failure) {
        for app in settings.apps {
            if app.text(.id) == settings.text(.deskAppID) {
                guard app.text(.key) == nil, app.text(.secret) == nil, app.text(.secretFile) == nil else {
                    throw wrong(app, "the desk's own app has its key and secret in [desk]; leave them out here")
                }
                try change(&configuration.rules, app)
            } else {
                var rules = AppRules()
                try change(&rules, app)
                configuration.otherApps.append((try credentials(app), rules))
            }
        }
    }

    private func credentials(_ app: AppSettings) throws(Failure) -> AppCredentials {
        guard let id = app.text(.id), let key = app.text(.key) else {
            throw wrong(app, "apps.key is missing; its clients connect with it")
        }
        if let secret = app.text(.secret) { return AppCredentials(id: id, key: key, secret: secret) }
        guard let path = app.text(.secretFile) else {
            throw wrong(app, "apps.secret_file is missing, and apps.secret too; who publishes signs with it")
        }
        return AppCredentials(id: id, key: key, secret: try Serve.secret(inFile: path))
    }

    /// Only what stands in the file changes what the desk has for its own app.
    private func change(_ rules: inout AppRules, _ app: AppSettings) throws(Failure) {
        for key in AppKey.allCases {
            guard let value = app.values[key] else { continue }
            switch (key, value) {
            case (.enabled, .boolean(let isOn)): rules.isEnabled = isOn
            case (.clientEvents, .boolean(let isOn)): rules.clientEvents = isOn
            case (.subscriptionCounts, .boolean(let isOn)): rules.subscriptionCounts = isOn
            case (.requireSignIn, .boolean(let isOn)): rules.requiresAuthorization = isOn
            case (.eventData, .integer(let number)):
                rules.limits.eventData = number
                rules.limits.clientEventData = number
                // A frame has room for data of which every byte is escaped.
                rules.limits.frameSize = max(rules.limits.frameSize, number * 6 + 1_024)
            case (let key, .integer(let number)):
                switch key.limit {
                case .count(let path): rules.limits[keyPath: path] = number
                case .optional(let path): rules.limits[keyPath: path] = number == 0 ? nil : number
                case .seconds(let path): rules.limits[keyPath: path] = .seconds(number)
                case nil: break
                }
            default: break
            }
        }
        for webhook in app.webhooks { rules.webhooks.append(try self.webhook(webhook, app)) }
    }

    private func webhook(
        _ values: [WebhookKey: SettingValue], _ app: AppSettings
    ) throws(Failure) -> AppRules.Webhook {
        guard case .text(let text) = values[.url] else { throw wrong(app, "apps.webhooks.url is missing") }
        let url = try DeskURL(text)
        var webhook = AppRules.Webhook(url.address, path: url.path.isEmpty ? "/" : url.path)
        if case .text(let kinds) = values[.events] { webhook.kinds = Set(kinds.words) }
        if case .integer(let batch) = values[.batch] { webhook.batch = batch }
        return webhook
    }

    private func wrong(_ app: AppSettings, _ what: String) -> Failure {
        ConfigFile.wrong(settings.path, app.line, what)
    }
}
