// The real program, each run in a terminal of its own: what no other test can see. A run waits by poll(2) for what has to
// come, with a limit; nothing waits for time to pass. New runs are tests in an extension of `Runs`.
import Dispatch
import Glibc
import Testing

/// One after the other: each run has processes and a terminal, and the computer may have two cores.
@Suite("the program in a terminal", .serialized, .ownThread, .timeLimit(.minutes(10)))
struct Runs {}

/// Lets tests that block do so on a thread of their own, not on one that the tests beside them need.
struct OwnThread: TestTrait, SuiteTrait, TestScoping {
    private final class Executor: TaskExecutor {
        private let queue = DispatchQueue(label: "runs")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    private static let executor = Executor()

    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(Self.executor) { try await function() }
    }
}

extension Trait where Self == ConditionTrait {
    /// A run of more than some seconds, for CI: `PARLEY_LONG=1 swift test` runs it.
    static var longRun: Self { .enabled(if: getenv("PARLEY_LONG") != nil, "a long run: set PARLEY_LONG=1 to run it") }
}

extension Trait where Self == OwnThread {
    static var ownThread: Self { Self() }
}

/// Why a run could not go on.
struct RunError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
