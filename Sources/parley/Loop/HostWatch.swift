/// Looks whether the process that hosts the local desk is stopped. Its socket stays open then, so only its state tells.
struct HostWatch {
    /// Others have to say so within two seconds.
    static let interval: Duration = .milliseconds(1_500)

    private let desk: LocalDeskDoor?
    private var next: Duration?
    private(set) var stoppedHost: Int32?

    init(desk: LocalDeskDoor?) {
        self.desk = desk
        next = desk == nil ? nil : Now.uptime + Self.interval
    }

    /// When to look next; nil where there is nothing to look at.
    var deadline: Duration? { next }

    /// Looks when it is time; returns whether what was found differs from before.
    mutating func look() -> Bool {
        guard let desk, let time = next, time <= Now.uptime else { return false }
        next = Now.uptime + Self.interval
        guard !desk.isHosting else { return change(to: nil) }
        let holder = desk.otherHolder()
        return change(to: holder?.isStopped == true ? holder?.pid : nil)
    }

    private mutating func change(to pid: Int32?) -> Bool {
        defer { stoppedHost = pid }
        return stoppedHost != pid
    }
}
