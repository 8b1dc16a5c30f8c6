import Channels

/// The example in README.md, between the marks; `ExampleTests` runs it.
func example(
    host: String, port: Int, isSecure: Bool, key: String, token: @escaping @Sendable () throws -> String,
    print: (Any...) -> Void
) async throws {
    // example begins
    // Signs what may be subscribed; the token is read afresh for every question.
    let endpoint = HTTPAuthorizer(host: host, port: port, isSecure: isSecure) {
        [("Authorization", "Bearer \(try token())")]
    }
    let connection = ChannelsConnection(
        .init(host: host, port: port, isSecure: isSecure, key: key), authorizer: endpoint.authorizer)
    try await connection.connect()  // Until the server answers; a lost connection comes back by itself.

    let lobby = connection.subscribe("presence-lobby")
    let updates = lobby.updates
    try await lobby.subscribed()
    try lobby.trigger("client-typing", ["on": true])  // To the others there, at once or not at all.

    let me = try await connection.signIn()  // What the server says to this user alone: `me.updates`.
    print("signed in, hearing", me.name)

    for await update in updates {
        switch update {
        case .subscribed(let members): print("here are", members?.ids.sorted() ?? [])
        case .memberAdded(let member): print(member.id, "came")
        case .memberRemoved(let id): print(id, "went")
        case .event(let event): print(event.name, event.data["text"]?.string ?? "")
        case .subscriptionFailed(let reason, _, _): print("not subscribed:", reason)
        case .lost(let count): print("too slow for", count, "updates")
        default: break
        }
    }
    await connection.close()
    // example ends
}
