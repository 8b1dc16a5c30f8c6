import ChannelsProtocol

/// What an engine knows an application by.
package struct AppCredentials: Equatable, Sendable {
    package let id: String
    package let key: String
    package let secret: String

    package init(id: String, key: String, secret: String) {
        self.id = id
        self.key = key
        self.secret = secret
    }

    /// Ids and keys choose the app of a request, so no two apps may share one.
    static func refuseTwins(_ apps: [AppCredentials]) throws(DeskError) {
        for (index, app) in apps.enumerated() {
            for other in apps[..<index] where other.id == app.id || other.key == app.key {
                let what = other.id == app.id ? "id \"\(app.id)\"" : "key \"\(app.key)\""
                throw DeskError(.configuration, "two apps of the engine have the \(what); give each its own")
            }
        }
    }

    /// Those of the folder's desk, made at its first start.
    static func load(_ folder: LocalFolder) throws(DeskError) -> AppCredentials {
        try OwnFile.check(folder.credentials, secret: "the app's secret")
        if let text = SmallFile.read(folder.credentials) {
            guard let json = try? JSON(parsing: text), let id = json["id"]?.string, let key = json["key"]?.string,
                let secret = json["secret"]?.string, !id.isEmpty, !key.isEmpty, !secret.isEmpty
            else {
                throw DeskError(
                    .configuration,
                    "\(folder.credentials): is not {\"id\", \"key\", \"secret\"} with three texts; remove it to get new ones"
                )
            }
            return AppCredentials(id: id, key: key, secret: secret)
        }
        // Some server libraries take numeric app ids only.
        let made = AppCredentials(
            id: String(UInt32.random(in: 100_000...999_999)), key: Token.random(10), secret: Token.random(20))
        let json: JSON = ["id": .string(made.id), "key": .string(made.key), "secret": .string(made.secret)]
        try SmallFile.write(json.text + "\n", to: folder.credentials)
        return made
    }
}
