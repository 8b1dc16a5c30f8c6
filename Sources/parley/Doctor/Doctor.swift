import ChannelsProtocol
import Chat
import ChatSession
import Glibc
import Terminal
import Transport

/// Looks at everything in the order in which it is needed. What depends on something broken is not tried, so the first
/// thing that is wrong is the one to put right.
struct Doctor {
    private let settings: Settings
    private let target: Target

    init(_ settings: Settings) throws(Failure) {
        self.settings = settings
        target = try Target(settings)
    }

    /// Each check is handed over as soon as it is made.
    func run(_ tell: (Check) throws(Failure) -> Void) throws(Failure) {
        var isWell = true
        func note(_ check: Check) throws(Failure) {
            isWell = isWell && check.isOK
            try tell(check)
        }
        let found = settings.hasFile ? "in order" : "not there, so everything is at its default"
        let account = settings.account ?? AccountSettings.top
        let who = settings.accountNames.isEmpty ? "" : "; account \(account) (\(settings.source(.account)))"
        try note(.ok(.settings, "\(settings.path): \(found)\(who)"))
        try note(HereChecks.files(target, settings))
        let facts = TerminalFacts.current()
        let isTerminal = isatty(0) == 1 && isatty(1) == 1
        try note(
            HereChecks.terminal(facts, size: TerminalFacts.windowSize(), isTerminal: isTerminal) {
                .init(
                    columns: facts.isANSI ? WidthProbe.columns(of: HereChecks.samples) : nil,
                    tmux: facts.isInsideTmux ? TmuxOptions.read(HereChecks.tmuxOptions.map(\.name)) : [:])
            })
        guard isWell else { return }
        let proxy: HTTPProxy?
        do throws(HTTPProxyError) {
            proxy = try target.elsewhere.flatMap { url throws(HTTPProxyError) in try HTTPProxy.inForce(for: url.address)
            }
        } catch {
            return try note(.wrong(.host, error.reason))
        }
        if let proxy {
            let (host, addresses) = NetworkChecks.addresses(of: proxy.host, port: proxy.port)
            try note(
                host.isOK
                    ? .ok(.host, "\(target.name) is left to the proxy \(proxy), which \(proxy.variable) names") : host)
            guard isWell else { return }
            try note(NetworkChecks.connects(addresses, "the proxy \(proxy)", server: "proxy"))
            guard isWell else { return }
        } else if let url = target.elsewhere {
            let (host, addresses) = NetworkChecks.addresses(of: url.host, port: url.port)
            try note(host)
            guard isWell else { return }
            try note(NetworkChecks.connects(addresses, "\(url.address)"))
            guard isWell else { return }
        }
        let client = DeskClient(target: target, timeout: .seconds(15))
        defer { client.close() }
        if target.plain == nil { try health(client, note) }
        guard isWell else { return }
        let me: Identity
        do throws(Failure) {
            me = try client.identity()
        } catch {
            return try note(.wrong(.token, error.sentence))
        }
        if target.plain == nil { try note(.ok(.token, "you are \(me.id)")) }
        for check in EngineChecks(target: target, identity: me, client: client).run() { try note(check) }
    }

    private func health(_ client: DeskClient, _ note: (Check) throws(Failure) -> Void) throws(Failure) {
        let isSecure: Bool
        if case .remote(let url) = target.place { isSecure = url.isSecure } else { isSecure = false }
        let answer: HTTPAnswer
        do throws(Failure) {
            answer = try client.get("/healthz")
        } catch {
            return try note(.wrong(error.sentence.contains("TLS: ") ? .tls : .desk, error.sentence))
        }
        if isSecure { try note(.ok(.tls, "encrypted, and the certificate is trusted")) }
        guard answer.status == 200, (try? JSON(parsing: answer.body))?["ok"]?.bool == true else {
            return try note(
                .wrong(
                    .desk,
                    "\(target.name): answers \(answer.status) to /healthz and is no desk; give the desk's own URL"))
        }
        try note(.ok(.desk, target.name))
        guard let date = answer.dateHeader.flatMap({ Timestamp(httpDate: $0) }) else {
            return try note(.ok(.clock, "the desk does not tell its time"))
        }
        let seconds = (Now.date.milliseconds - date.milliseconds) / 1000
        guard abs(seconds) > 60 else { return try note(.ok(.clock, "within a minute of the desk's")) }
        let side = seconds > 0 ? "ahead of" : "behind"
        try note(
            .wrong(
                .clock, "this clock is \(abs(seconds)) s \(side) the desk's; set it, by NTP for instance, or the desk's"
            ))
    }
}
