import Foundation
import GRDB
import Synchronization
import Testing
import TestPostgres

@testable import Desk

/// The kinds of store a desk may have.
enum StoreKind: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// The one that the test at hand is for.
    @TaskLocal static var current = tested.first ?? .sqlite

    /// Those that are tested; `PARLEY_STORE` names one to look at alone.
    static var tested: [StoreKind] {
        ProcessInfo.processInfo.environment["PARLEY_STORE"].flatMap(StoreKind.init).map { [$0] } ?? allCases
    }

    /// A new place of that kind; nil: the desk's folder.
    func place() throws -> PostgresURL? {
        self == .sqlite ? nil : PostgresURL(try EachStore.Lease.current?.database() ?? TestPostgres.server().database())
    }
}

/// Runs each test of a suite once for every kind of store.
struct EachStore: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for kind in StoreKind.tested {
            try await StoreKind.$current.withValue(kind) {
                guard kind == .postgres else { return try await function() }
                await Self.turn.take()
                defer { Self.turn.give() }
                let lease = Lease()
                try await Lease.$current.withValue(lease) { try await function() }
                try lease.end()
            }
        }
    }

    /// The databases of a test, which are emptied for the next: a new one is megabytes.
    final class Lease: Sendable {
        @TaskLocal static var current: Lease?
        private static let free = Mutex<[String]>([])
        private let taken = Mutex<[String]>([])

        func database() throws -> String {
            let url = try Self.free.withLock { $0.popLast() } ?? TestPostgres.server().database()
            taken.withLock { $0.append(url) }
            return url
        }

        /// Those of a test that failed on the way are not used again.
        func end() throws {
            for url in taken.withLock({ $0 }) {
                try TestPostgres.server().sql(
                    "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
                    in: TestPostgres.name(url))
                Self.free.withLock { $0.append(url) }
            }
        }
    }

    /// One at a time at the server: they are many, and each has a database and connections of its own.
    private static let turn = Turn()

    private final class Turn: Sendable {
        private let state = Mutex<(isTaken: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

        func take() async {
            await withCheckedContinuation { continuation in
                let isMine = state.withLock { state in
                    guard state.isTaken else {
                        state.isTaken = true
                        return true
                    }
                    state.waiting.append(continuation)
                    return false
                }
                if isMine { continuation.resume() }
            }
        }

        func give() {
            state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
                state.isTaken = false
                return nil
            }?.resume()
        }
    }
}

extension Trait where Self == EachStore {
    static var eachStore: Self { Self() }
}

extension DeskStore {
    /// The pool of a store in a file.
    var sqlite: DatabasePool {
        guard let disk = disk as? SQLiteDisk else { preconditionFailure("that is no file") }
        return disk.pool
    }
}

extension StoreKind {
    /// A store of that kind, as a desk with an engine of its own has it.
    func store(_ folder: TemporaryFolder, _ place: PostgresURL?) throws -> DeskStore {
        guard let place else { return try DeskStore(path: folder.file("desk.sqlite")) }
        return DeskStore(try PostgresDisk(place, as: .desk(hasOwnEngine: true)))
    }
}
