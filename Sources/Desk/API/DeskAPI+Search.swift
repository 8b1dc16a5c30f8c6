import Chat
import ChannelsProtocol
import HTTPTypes
import Hummingbird

extension DeskAPI {
    /// What a search may be long.
    static let queryBytes = 256

    /// `GET /api/search`: messages that hold every word of `q`, best first; with `peer` (a user id, or `#` and a room) only there.
    func search(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let limit = try request.number("limit", in: 1...Self.pageLimit) ?? 50
        let parameters = request.decodedQuery
        guard let query = parameters["q"], !query.isEmpty, query.utf8.count <= Self.queryBytes else {
            throw APIError.badRequest("q is missing, empty or longer than \(Self.queryBytes) bytes")
        }
        var place: ConversationName?
        if let peer = parameters["peer"] {
            place = try await self.place(peer, user)
        }
        let found: [StoredMessage]
        do {
            found = try await searches.run(for: user.key) { [place] in
                try await store.search(query, by: user, in: place, rooms: rooms.channels(of: user.id), limit: limit)
            }
        } catch is SearchTurns.Refusal {
            throw APIError(
                .tooManyRequests, "too_many_searches",
                "a user has one search running and at most \(SearchTurns.waitingOfUser) waiting; wait for their answers",
                retryAfter: 1)
        } catch is SearchTimeout {
            let seconds = DeskStore.searchLimit.components.seconds
            throw APIError(
                .serviceUnavailable, "search_timeout",
                "the search took longer than \(seconds) s; search for longer words, or in one conversation",
                retryAfter: 5)
        }
        return .json(.ok, .array(found.map(DeskEvents.message)))
    }

    private func place(_ text: String, _ user: DeskUser) async throws -> ConversationName {
        if text.hasPrefix("#") { return try rooms.conversation(named: String(text.dropFirst()), for: user.id) }
        return try await conversation(withPeer: text, user, reading: true)
    }
}
