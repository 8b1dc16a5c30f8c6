/// Why the desk does not do what is asked of it, though the connection to the engine stands: its database is away, its disk
/// is full, or it does not answer at all.
package struct DeskFault: Equatable, Sendable {
    package var reason: String
    package var since: Timestamp
    /// Storing fails; reading may go on, and says nothing about it.
    package var concernsStoring: Bool
}

extension ChatState {
    /// - Parameter isStoring: what failed was to be stored, a message for one.
    mutating func deskFailed(_ reason: String, isStoring: Bool, now: Moment) -> [ChatRequest] {
        guard let known = deskFault else {
            deskFault = DeskFault(reason: reason, since: now.date, concernsStoring: isStoring)
            return [.notice(.desk(deskFault)), .notice(.warning("\(reason); what you send is kept and sent later"))]
        }
        deskFault?.reason = reason
        deskFault?.concernsStoring = known.concernsStoring || isStoring
        return []
    }

    /// The desk does again what it could not do: whatever waited for it is asked for.
    mutating func deskAnswered(isStoring: Bool, now: Moment) -> [ChatRequest] {
        guard let fault = deskFault, isStoring || !fault.concernsStoring || waitingToBeSent == 0 else { return [] }
        deskFault = nil
        var asked: [ChatRequest] = [.notice(.desk(nil))] + loadList()
        if let open { asked += catchUp(open) }
        return asked + deliverAll(now: now)
    }
}
