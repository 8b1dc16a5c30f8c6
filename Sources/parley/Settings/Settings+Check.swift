import Desk

extension Settings {
    /// Throws what a start with these settings would end with: of a client as each of its accounts, and of `parley serve`
    /// where the file says something about a desk.
    func check() throws(Failure) {
        let current = account ?? AccountSettings.top
        try Self.check(self, nil)
        for name in accountNames where name != current { try Self.check(try goingOn(as: name), name) }
        let setsUpDesk = SettingKey.allCases.contains { $0.table == "desk" && source($0).isFile }
        guard setsUpDesk || !apps.isEmpty else { return }
        let configuration = try Serve.configuration(self)
        do throws(DeskError) { try configuration.tls?.check() } catch { throw Failure(error) }
    }

    private static func check(_ settings: Settings, _ account: String?) throws(Failure) {
        do throws(Failure) {
            _ = try Target(settings)
        } catch {
            let place = account.map { "account \($0): " } ?? ""
            throw Failure(.configuration, place + error.sentence)
        }
    }
}
