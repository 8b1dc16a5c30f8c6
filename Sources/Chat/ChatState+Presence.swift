/// Who comes and goes in the lobby, as `apply` hears it.
extension ChatState {
    mutating func rosterReplaced(_ members: [NamedUser], now: Moment) -> [ChatRequest] {
        let isAsked = link == .polling || refusal(of: lobby) != nil
        let isArrival = !hasBaseline || (isAsked && !roster.isKnown)
        let (came, went) = roster.replace(with: members, at: now)
        // The members found on arrival did not come just now; nobody is told of them.
        return (isArrival ? [] : presence(came, true) + presence(went, false)) + returned() + askAvailability()
    }

    mutating func memberAdded(_ member: NamedUser, now: Moment) -> [ChatRequest] {
        own.othersCame(me: me, now: now.uptime)
        guard roster.add(member.id, name: member.name, at: now.date) else { return [] }
        if let me, let name = ConversationName(me, member.id) { leaveAt[name] = nil }
        return roster.cameBack(member.id) ? returned() : presence([member.id], true)
    }

    mutating func memberRemoved(_ user: UserID, now: Moment) -> [ChatRequest] {
        guard roster.remove(user, at: now.date) else { return [] }
        var asked = typing.forget(user).map { ChatRequest.notice(.typing($0, user, false)) }
        if let me, let name = ConversationName(me, user), watched.contains(name), name != open {
            leaveAt[name] = now.uptime + Self.idleLeave
        }
        asked += presence([user], false)
        return asked
    }

    /// Tells once who is back, when nobody is looked for any more.
    mutating func returned() -> [ChatRequest] {
        let back = roster.takeReturned().filter { $0 != me }
        return back.isEmpty ? [] : [.notice(.returned(back))]
    }

    func presence(_ users: [UserID], _ isOnline: Bool) -> [ChatRequest] {
        users.filter { $0 != me }.map { .notice(.presence($0, isOnline: isOnline)) }
    }
}
