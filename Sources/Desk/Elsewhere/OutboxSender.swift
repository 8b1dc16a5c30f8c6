import ChannelsProtocol
import Chat
import Logging

/// Publishes what stands in the outbox: in order within each lane, several lanes at once, again and again until the engine
/// has it. After a failure of the engine all of it waits, longer each time, but not after the engine was heard of again;
/// a failure of the store delays only what is read and struck out there. Of several desks on one store one publishes for
/// all.
///
/// What was published before a crash and not yet struck out is published again; people see it once, by its id.
actor OutboxSender {
    static let lanes = 8
    /// Rows held in memory; the others wait on the disk.
    static let window = 500
    private static let longestPause: Duration = .seconds(30)
    private static let longestStorePause: Duration = .seconds(5)

    private let store: DeskStore
    private let caller: EngineCaller
    private let metrics: DeskMetrics
    private let faults: RepeatedLines
    private let logger: Logger

    private var waiting: [String: [OutboxRow]] = [:]
    private var held = 0
    /// The rows that were taken from the store and may still be read there.
    private var known: Set<Int64> = []
    /// Those of them that have been struck out, but perhaps after what is being read now was asked for.
    private var gone: Set<Int64> = []
    private var busy: Set<String> = []
    /// Lanes whose next rows go one by one, since the engine refused a batch of them.
    private var single: [String: Int64] = [:]
    private var hasBatches = true
    private var isLoading = false
    private var isStale = false
    /// Of the engine, and of the store, since each last did what it was asked.
    private var failures = 0
    private var storeFailures = 0
    private var pauseEnd: Task<Void, Never>?
    /// Whether the engine did not answer at all when it was asked last.
    private var isAway = false
    private var storePauseEnd: Task<Void, Never>?
    private var isStopped = false
    private var done: [Int64] = []
    private var isStriking = false

    init(store: DeskStore, caller: EngineCaller, metrics: DeskMetrics, logger: Logger) {
        self.store = store
        self.caller = caller
        self.metrics = metrics
        self.logger = logger
        faults = RepeatedLines(logger)
    }

    /// There may be something new.
    nonisolated func wake() { Task { await pump() } }

    /// The engine took another call, so what waits for it need not wait longer.
    nonisolated func engineAnswered() { Task { await goOn(engine: true) } }

    /// The store is there again, or another desk has left the publishing to this one.
    nonisolated func storeAnswered() { Task { await goOn(engine: false) } }

    private func goOn(engine: Bool) async {
        if engine {
            // One that answered and refused has said itself when to come again.
            guard isAway, let end = pauseEnd else { return }
            end.cancel()
            pauseEnd = nil
        } else {
            storePauseEnd?.cancel()
            storePauseEnd = nil
            storeFailures = 0
            if !done.isEmpty { beginStriking() }
        }
        await pump()
    }

    private var isPaused: Bool { pauseEnd != nil }
    var waitsForStore: Bool { storePauseEnd != nil }

    /// Waits until all is published and struck out, or the time is over; nothing is published afterwards.
    func finish(within limit: Duration) async {
        let end = WallClock.monotonic() + limit
        while held > 0 || isLoading, !isPaused, WallClock.monotonic() < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
        isStopped = true
        if !done.isEmpty { try? await store.removeFromOutbox(done) }
        done = []
    }

    private func pump() async {
        guard store.disk.isPublisher else { return forget() }
        await load()
        guard !isPaused, !isStopped else { return }
        for lane in waiting.keys where busy.count < Self.lanes && !busy.contains(lane) {
            busy.insert(lane)
            Task { await empty(lane) }
        }
    }

    /// What waits is another desk's to publish; what is on its way is told of there again.
    private func forget() {
        waiting = [:]
        held = 0
        known = Set(done)
    }

    private func load() async {
        isStale = true
        guard !isLoading else { return }
        isLoading = true
        defer { isLoading = false }
        while isStale, held < Self.window, !isStopped, !waitsForStore {
            isStale = false
            let limit = Self.window - held
            let before = gone
            do {
                let rows = try await store.outbox(limit: limit, except: known)
                guard store.disk.isPublisher else { return forget() }
                for row in rows where known.insert(row.key).inserted {
                    waiting[row.lane, default: []].append(row)
                    held += 1
                }
                known.subtract(before)
                gone.subtract(before)
                if rows.count == limit, held < Self.window { isStale = true }
                storeIsThere()
            } catch {
                storeFailed("the outbox cannot be read: \(error)")
            }
        }
    }

    private func empty(_ lane: String) async {
        while !isPaused, !isStopped, store.disk.isPublisher, let batch = next(lane) {
            let outcome = await caller.publish(batch.map(\.event))
            guard !isStopped else { break }
            if case .away = outcome { isAway = true } else { isAway = false }
            switch outcome {
            case .done:
                faults.passed("engine", "the engine takes events again")
                failures = 0
                strike(batch, of: lane)
            case .away(let reason): failed(reason, after: nil)
            case .later(let reason, let time): failed(reason, after: time)
            case .unknownCall where batch.count > 1: hasBatches = false
            case .refused where batch.count > 1: single[lane] = batch.last?.key
            case .refused(let reason):
                metrics.count(.publishErrors)
                logger.error("\(reason), so \(batch[0].event.name) in \(batch[0].event.channel) is left out")
                strike(batch, of: lane)
            case .unknownCall:
                metrics.count(.publishErrors)
                pause(after: nil)
            }
        }
        busy.remove(lane)
        if !isPaused, !isStopped { await pump() }
    }

    /// What goes into the next request of a lane.
    private func next(_ lane: String) -> [OutboxRow]? {
        guard let rows = waiting[lane], let first = rows.first else { return nil }
        if !hasBatches || single[lane].map({ first.key <= $0 }) == true { return [first] }
        var size = 0
        var batch: [OutboxRow] = []
        for row in rows.prefix(EngineCaller.batchSize) {
            size += EngineCaller.body(row.event, isInBatch: true).text.utf8.count + 1
            guard batch.isEmpty || size + 12 <= EngineCaller.bodyLimit else { break }
            batch.append(row)
        }
        return batch
    }

    private func strike(_ rows: [OutboxRow], of lane: String) {
        let keys = rows.map(\.key)
        let before = waiting[lane]?.count ?? 0
        waiting[lane]?.removeAll { keys.contains($0.key) }
        held -= before - (waiting[lane]?.count ?? 0)
        if waiting[lane]?.isEmpty == true {
            waiting[lane] = nil
            single[lane] = nil
        }
        done += keys
        let now = WallClock.now().milliseconds
        for row in rows where row.event.name == "new_message" {
            metrics.published(in: .milliseconds(max(0, now - row.at.milliseconds)))
        }
        beginStriking()
    }

    private func beginStriking() {
        guard !isStriking else { return }
        isStriking = true
        Task { await strikeOut() }
    }

    /// Many at once: each time is a write to the disk.
    private func strikeOut() async {
        defer { isStriking = false }
        while !done.isEmpty, !isStopped, !waitsForStore {
            try? await Task.sleep(for: .milliseconds(50))
            let keys = done
            done = []
            do {
                try await store.removeFromOutbox(keys)
                gone.formUnion(keys)
                storeIsThere()
            } catch {
                done += keys
                storeFailed("the outbox cannot be written: \(error)")
            }
        }
    }

    private func failed(_ reason: String, after time: Duration?) {
        metrics.count(.publishErrors)
        faults.log("engine") { "\(reason); what is to be published waits" }
        pause(after: time)
    }

    /// - Parameter time: as the engine asked for.
    private func pause(after time: Duration?) {
        guard !isPaused, !isStopped else { return }
        failures += 1
        let doubled = Duration.milliseconds(125) * (1 << min(failures, 10))
        let wait = max(time ?? .zero, min(Self.longestPause, doubled) * Double.random(in: 0.5...1))
        pauseEnd = Task {
            try? await Task.sleep(for: wait)
            guard !Task.isCancelled else { return }
            pauseEnd = nil
            await pump()
        }
    }

    private func storeIsThere() {
        storeFailures = 0
        faults.passed("store", "the outbox can be read and written again")
    }

    private func storeFailed(_ reason: String) {
        faults.log("store", .error) { reason }
        guard !waitsForStore, !isStopped else { return }
        storeFailures += 1
        let doubled = Duration.milliseconds(125) * (1 << min(storeFailures, 10))
        let wait = min(Self.longestStorePause, doubled) * Double.random(in: 0.5...1)
        storePauseEnd = Task {
            try? await Task.sleep(for: wait)
            guard !Task.isCancelled else { return }
            storePauseEnd = nil
            if !done.isEmpty { beginStriking() }
            await pump()
        }
    }
}
