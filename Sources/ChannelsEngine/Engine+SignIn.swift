internal import ChannelsProtocol

extension Engine {
    mutating func signIn(_ socket: Socket, auth: String, userData: String) -> [EngineOutput] {
        guard let known = sockets[socket] else { return [] }
        guard app.signer.accepts(auth, user: userData, socketID: known.id) else {
            return error(
                socket, code: .unauthorized,
                "Invalid signature: Expected HMAC SHA256 hex digest of \(known.id)::user::\(userData)")
        }
        guard let data = try? JSON(parsing: userData), let id = data["id"]?.string, !id.isEmpty,
            id.utf8.count <= limits.userID, ChannelName.serverToUser(id).problem() == nil
        else {
            return error(
                socket, code: .unauthorized,
                "user_data needs an id: a text of letters, digits and _ - = @ , . ; of at most \(limits.userID) bytes")
        }
        if let before = known.user, before.id != id {
            return error(socket, code: .unauthorized, "The connection is signed in as another user already")
        }
        let wished = data["watchlist"]?.array?.compactMap(\.string) ?? []
        let user = SignedInUser(
            id: id, info: data["user_info"].flatMap { $0 == .null ? nil : $0 },
            watchlist: Array(wished.prefix(limits.watchlist)))
        let isRepeated = known.user != nil
        sockets[socket]?.user = user
        sockets[socket]?.isAuthorized = true
        var outputs: [EngineOutput] = [
            .send(ServerEvent.signInSucceeded(userData: userData).text, to: [socket])
        ]
        if isRepeated { return outputs }
        if users[WireText(id), default: []].isEmpty { announce("online", id, into: &outputs) }
        users[WireText(id), default: []].insert(socket)
        if !user.watchlist.isEmpty {
            for watched in user.watchlist { watchers[WireText(watched), default: []].insert(socket) }
            outputs.append(.send(watchlistNow(user).text, to: [socket]))
        }
        if wished.count > limits.watchlist {
            outputs += error(
                socket, code: .watchlistTooLong,
                "A watchlist has at most \(limits.watchlist) users; the first \(limits.watchlist) are watched")
        }
        return outputs
    }

    /// Who of a watchlist is there at the moment.
    private func watchlistNow(_ user: SignedInUser) -> ServerEvent {
        let online = user.watchlist.filter { users[WireText($0)]?.isEmpty == false }
        let offline = user.watchlist.filter { users[WireText($0)]?.isEmpty != false }
        return .watchlist(
            [("online", online), ("offline", offline)]
                .filter { !$0.1.isEmpty }
                .map { WatchlistChange(name: $0.0, userIDs: $0.1) })
    }

    private func announce(_ name: String, _ id: String, into outputs: inout [EngineOutput]) {
        guard let watching = watchers[WireText(id)], !watching.isEmpty else { return }
        let event = ServerEvent.watchlist([WatchlistChange(name: name, userIDs: [id])])
        outputs.append(.send(event.text, to: watching.sorted()))
    }

    /// A socket that is gone no longer stands for its user.
    mutating func signOut(_ socket: Socket, _ user: SignedInUser?, into outputs: inout [EngineOutput]) {
        guard let user else { return }
        for watched in user.watchlist {
            watchers[WireText(watched)]?.remove(socket)
            if watchers[WireText(watched)]?.isEmpty == true { watchers[WireText(watched)] = nil }
        }
        users[WireText(user.id)]?.remove(socket)
        guard users[WireText(user.id)]?.isEmpty == true else { return }
        users[WireText(user.id)] = nil
        announce("offline", user.id, into: &outputs)
    }

    /// Ends the connections signed in as that user with 4009; a mere member of a presence channel is not one of them.
    package mutating func terminate(userID: String, now: Duration) -> [EngineOutput] {
        close((users[WireText(userID)] ?? []).sorted(), now: now)
    }

    /// Ends one connection with 4009, and says why.
    package mutating func terminate(socket: Socket, _ reason: String, now: Duration) -> [EngineOutput] {
        sockets[socket] == nil ? [] : close([socket], reason, now: now)
    }

    private mutating func close(
        _ ending: [Socket], _ message: String = "You got disconnected by the app.", now: Duration
    ) -> [EngineOutput] {
        var outputs: [EngineOutput] = []
        for socket in ending {
            outputs += error(socket, code: .unauthorized, message)
            outputs += close(socket, .unauthorized, message, now: now)
        }
        return outputs
    }
}
