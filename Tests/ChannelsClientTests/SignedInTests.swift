import ChannelsClient
import ChannelsProtocol
import Testing

@Suite("the user of a connection")
struct SignedInTests {
    @Test("is signed in on every connection, and then has a channel of their own")
    func signIn() {
        var line = Line()
        line.add(line.connection.signIn(now: line.now))
        line.connect()
        #expect(line.take().last == .authenticateUser(line.id))
        authenticate(&line)
        #expect(line.takeSent() == [.signIn(auth: "k:47", userData: #"{"id":"17"}"#)])
        line.hear(.signInSucceeded(userData: #"{"id":"17"}"#))
        #expect(line.connection.userID == "17")
        #expect(
            line.take() == [.notice(.signedIn(userID: "17")), .send(ClientFrame.subscribe("#server-to-user-17").text)])
        line.confirm("#server-to-user-17")
        line.hear(.event(.init(channel: "#server-to-user-17", name: "hello", data: [:])))
        #expect(line.takeNotices().last == .event("#server-to-user-17", name: "hello", data: [:], userID: nil))
        line.hear(.watchlist([.init(name: "online", userIDs: ["3"])]))
        #expect(line.takeNotices() == [.watchlist(name: "online", userIDs: ["3"])])
        line.close(1006)
        #expect(line.connection.userID == nil)
        line.waitForAttempt()
        line.greet()
        #expect(line.take().last == .authenticateUser(line.id))
    }

    @Test("hears events for the user before their channel is confirmed, and where it never is")
    func userEvents() {
        var line = Line()
        line.add(line.connection.signIn(now: line.now))
        line.connect()
        authenticate(&line)
        line.hear(.signInSucceeded(userData: #"{"id":"17"}"#))
        _ = line.take()
        line.hear(.event(.init(channel: "#server-to-user-17", name: "hello", data: [:])))
        line.hear(.event(.init(channel: "#server-to-user-18", name: "hello", data: [:])))
        #expect(line.takeNotices() == [.event("#server-to-user-17", name: "hello", data: [:], userID: nil)])
    }

    @Test("is refused visibly by the endpoint, by the server, or by a server that knows no sign-in")
    func refused() {
        var line = Line.connected()
        line.add(line.connection.signIn(now: line.now))
        line.add(
            line.connection.userAuthenticated(
                socketID: line.id, .failure(.unauthorized(message: "no")), now: line.now))
        #expect(line.takeNotices() == [.signInFailed(reason: "no", status: 401)])
        line.add(line.connection.signIn(now: line.now))
        authenticate(&line)
        line.hear(.error(code: 4009, message: "wrong", channel: nil))
        #expect(line.takeNotices().last == .signInFailed(reason: "wrong", status: 4009))
        line.add(line.connection.signIn(now: line.now))
        authenticate(&line)
        line.advance(.seconds(10))
        #expect(line.takeNotices().count == 1)
        line.advance(.seconds(19))
        #expect(line.take().isEmpty)
    }

    @Test("is tried again when the endpoint cannot be reached")
    func retried() {
        var line = Line.connected()
        line.add(line.connection.signIn(now: line.now))
        line.add(
            line.connection.userAuthenticated(
                socketID: line.id, .failure(.unreachable(message: "no route")), now: line.now))
        _ = line.take()
        line.advance(.seconds(2))
        #expect(line.take() == [.authenticateUser(line.id)])
    }

    private func authenticate(_ line: inout Line) {
        let answer = UserAuthentication(auth: "k:47", userData: #"{"id":"17"}"#)
        line.add(line.connection.userAuthenticated(socketID: line.id, .success(answer), now: line.now))
    }
}

@Suite("an encrypted channel")
struct EncryptedChannelTests {
    let channel: ChannelName = "private-encrypted-a"
    let old = ChannelCipher(masterKey: [UInt8](repeating: 1, count: 32), channel: "private-encrypted-a")!
    let new = ChannelCipher(masterKey: [UInt8](repeating: 2, count: 32), channel: "private-encrypted-a")!

    private func frame(_ name: String, _ cipher: ChannelCipher) -> String {
        ServerEvent.event(
            name, on: channel, data: cipher.seal(#"{"of":"\#(name)"}"#, nonce: [UInt8](repeating: 9, count: 24)))
    }

    private func event(_ name: String) -> ChannelNotice {
        .event(channel, name: name, data: ["of": .string(name)], userID: nil)
    }

    private func line() -> Line {
        var line = Line.connected()
        line.subscribe(channel)
        line.authorize(channel, secret: old.sharedSecret)
        line.confirm(channel)
        _ = line.take()
        return line
    }

    @Test("is opened with the key of the authorization")
    func opened() {
        var line = line()
        line.hear(frame("a", old))
        #expect(line.takeNotices() == [event("a")])
    }

    @Test("needs a key", arguments: [nil, "", "AAAA"] as [String?])
    func noKey(secret: String?) {
        var line = Line.connected()
        line.subscribe(channel)
        _ = line.take()
        line.authorize(channel, secret: secret)
        #expect(
            line.take() == [
                .notice(
                    .subscriptionFailed(
                        channel, reason: "the authorization has no usable shared_secret", status: nil))
            ])
    }

    @Test("asks once for a new key and keeps the order of what came meanwhile")
    func newKey() {
        var line = line()
        line.hear(frame("a", new))
        line.hear(frame("b", new))
        line.hear(frame("c", new))
        #expect(line.take() == [.authorize(channel, line.id)])
        line.authorize(channel, secret: new.sharedSecret)
        #expect(line.takeNotices() == [event("a"), event("b"), event("c")])
        #expect(line.connection.subscription(channel) == .subscribed)
    }

    @Test("loses an event that no key opens, says so, and goes on", arguments: [true, false])
    func lost(isAnswered: Bool) {
        var line = line()
        line.hear(frame("a", new))
        line.hear(frame("b", old))
        _ = line.take()
        if isAnswered { line.authorize(channel, secret: old.sharedSecret) } else { line.advance(.seconds(30)) }
        #expect(line.takeNotices() == [.undecryptable(channel, event: "a"), event("b")])
        line.hear(ServerEvent.event("c", on: channel, data: #"{"plain":true}"#))
        #expect(line.takeNotices() == [.undecryptable(channel, event: "c")])
    }
}
