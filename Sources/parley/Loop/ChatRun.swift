import Chat
import ChatUI

/// What a chat loop runs with: settings, the way to the desk they name, and how to go on as another account.
struct ChatRun: Sendable {
    let settings: Settings
    let route: DeskRoute
    /// Somebody chose it in a chat and can choose another there: what is wrong with it is no reason to end.
    private(set) var isChosen = false

    init(_ settings: Settings) throws(Failure) {
        self.settings = settings
        route = try DeskRoute(settings)
    }

    /// The same as another account; throws what is wrong with its settings before anything is left.
    func goingOn(as account: String) throws(Failure) -> ChatRun {
        var next = try ChatRun(try settings.goingOn(as: account))
        next.isChosen = true
        try next.route.target.insistOnToken()
        return next
    }

    var accounts: AccountList {
        AccountList(settings.accountNames, current: settings.account ?? AccountSettings.top)
    }
}
