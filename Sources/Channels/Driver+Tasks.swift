internal import ChannelsClient
internal import Synchronization

/// The timer and the questions to the authorizer: every task of a driver.
extension Driver {
    /// One task for the connection's next deadline. A deadline that moved further away lets it come too early once,
    /// which costs less than moving it with every frame.
    func watchTime(_ state: inout State) {
        guard let due = state.connection.deadline else {
            if let timer = state.timer { state.tasks[timer.number]?.task.cancel() }
            state.timer = nil
            return
        }
        if let timer = state.timer {
            guard due < timer.due else { return }
            state.tasks[timer.number]?.task.cancel()
        }
        let (clock, instant) = (clock, epoch + due)
        let number = start(&state, isForSocket: false) { driver, number in
            guard (try? await clock.sleep(until: instant)) != nil else { return }
            driver()?.tick(number)
        }
        state.timer = (due, number)
    }

    private func tick(_ number: Int) {
        state.withLock { state in
            guard state.timer?.number == number else { return }
            state.timer = nil
            act(&state) { $0.tick(now: $1) }
        }
    }

    /// Asks the authorizer, twice if the credential was no longer good, and tells the connection.
    func ask<Answer: Sendable>(
        _ state: inout State, _ question: @escaping @Sendable () async throws -> Answer,
        answer:
            @escaping @Sendable (
                inout Connection, Result<Answer, AuthorizationFailure>, Duration
            ) -> [ConnectionOutput]
    ) {
        _ = start(&state, isForSocket: true) { driver, _ in
            var result = await Self.result(question)
            if case .failure(.unauthorized) = result, !Task.isCancelled { result = await Self.result(question) }
            guard !Task.isCancelled, let driver = driver() else { return }
            driver.act { answer(&$0, result, $1) }
        }
    }

    private static func result<Answer>(
        _ question: () async throws -> Answer
    ) async -> Result<Answer, AuthorizationFailure> {
        do {
            return .success(try await question())
        } catch let failure as AuthorizationFailure {
            return .failure(failure)
        } catch {
            return .failure(.unreachable(message: "\(error)"))
        }
    }

    /// A task that does not keep the driver alive.
    private func start(
        _ state: inout State, isForSocket: Bool,
        _ work: @escaping @Sendable (_ driver: () -> Driver?, _ number: Int) async -> Void
    ) -> Int {
        state.nextNumber += 1
        let number = state.nextNumber
        let id = ObjectIdentifier(self)
        let task = Task { [weak self] in
            await Self.$current.withValue(id) { await work({ self }, number) }
            self?.state.withLock { _ = $0.tasks.removeValue(forKey: number) }
        }
        state.tasks[number] = (task, isForSocket)
        return number
    }

    /// Set inside the tasks of a driver: an authorizer that closes the connection must not wait for itself.
    @TaskLocal static var current: ObjectIdentifier?
}
