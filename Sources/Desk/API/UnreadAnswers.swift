import HTTPTypes
import Synchronization

/// Bytes of answers that were written and not yet taken by their clients, for each user. A user beyond the limit gets no
/// further answer to a read until one of theirs was taken.
final class UnreadAnswers: Sendable {
    /// For one user.
    static let limit = 16 << 20

    private let bytes = Mutex<[Int64: Int]>([:])

    /// Throws 429 where the user reads too little of what they asked for.
    func check(_ user: DeskUser) throws(APIError) {
        let unread = bytes.withLock { $0[user.key] ?? 0 }
        guard unread < Self.limit else {
            throw APIError(
                .tooManyRequests, "unread_answers",
                "\(user.id): \(unread) bytes of earlier answers were not read yet; read them first", retryAfter: 1)
        }
    }

    func add(_ count: Int, of user: Int64) { bytes.withLock { $0[user, default: 0] += count } }

    func remove(_ count: Int, of user: Int64) {
        bytes.withLock { bytes in
            let left = (bytes[user] ?? 0) - count
            bytes[user] = left > 0 ? left : nil
        }
    }

    func count(of user: Int64) -> Int { bytes.withLock { $0[user] ?? 0 } }
}
