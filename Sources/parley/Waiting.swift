import Desk
import Dispatch
import Synchronization

/// Waits on this thread for something asynchronous. For verbs, which have nothing else to do; never on a task's thread.
func waiting<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws(Failure) -> Value {
    let answer = Answer<Value>()
    Task.detached {
        do { answer.give(.success(try await work())) } catch { answer.give(.failure(error)) }
    }
    do {
        return try answer.wait().get()
    } catch let failure as Failure {
        throw failure
    } catch let error as DeskError {
        throw Failure(error)
    } catch {
        throw Failure(.ourBug, "\(error)")
    }
}

/// A result that one thread gives and another waits for.
final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, any Error>?>(nil)
    private let given = DispatchSemaphore(value: 0)

    func give(_ result: Result<Value, any Error>) {
        value.withLock { $0 = result }
        given.signal()
    }

    /// Nil when nothing came within `limit`; it may be asked again.
    func wait(_ limit: Duration) -> Result<Value, any Error>? {
        let nanoseconds =
            Int(limit.components.seconds) * 1_000_000_000 + Int(limit.components.attoseconds / 1_000_000_000)
        guard given.wait(timeout: .now() + .nanoseconds(max(0, nanoseconds))) == .success else { return nil }
        given.signal()
        return value.withLock { $0 }
    }

    func wait() -> Result<Value, any Error> {
        given.wait()
        given.signal()
        guard let result = value.withLock({ $0 }) else { preconditionFailure("signalled without a value") }
        return result
    }
}
