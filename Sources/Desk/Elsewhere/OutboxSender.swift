import ChannelsProtocol
import Chat
import Logging

/// Publishes what stands in the outbox: in order within each lane, several lanes at once, again and again until the engine
/// has it. After a failure all of it waits, longer each time. Of several desks on one store one does that for all.
///
/// What was published before a crash and not yet struck out is published again; people see it once, by its id.
actor OutboxSender {
    static let lanes = 8
    /// Rows held in memory; the others wait on the disk.
    static let window = 500
    private static let longestPause: Duration = .seconds(30)

    private let store: DeskStore
    private let caller: EngineCaller
    private let metrics: DeskMetrics
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
    private var failures = 0
    private var isPaused = false
    private var isStopped = false
    private var done: [Int64] = []
    private var isStriking = false

    init(store: DeskStore, caller: EngineCaller, metrics: DeskMetrics, logger: Logger) {
        self.store = store
        self.caller = caller
        self.metrics = metrics
        self.logger = logger
    }

    /// There may be something new.
    nonisolated func wake() { Task { await pump() } }

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
        while isStale, held < Self.window, !isStopped {
            isStale = false
            let limit = Self.window - held + known.count
            let before = gone
            do {
                let rows = try await store.outbox(limit: limit)
                guard store.disk.isPublisher else { return forget() }
                for row in rows where known.insert(row.key).inserted {
                    waiting[row.lane, default: []].append(row)
                    held += 1
                }
                known.subtract(before)
                gone.subtract(before)
                if rows.count == limit, held < Self.window { isStale = true }
            } catch {
                logger.error("the outbox cannot be read: \(error)")
                pause(after: nil)
            }
        }
    }

    private func empty(_ lane: String) async {
        while !isPaused, !isStopped, store.disk.isPublisher, let batch = next(lane) {
            let outcome = await caller.publish(batch.map(\.event))
            guard !isStopped else { break }
            switch outcome {
            case .done:
                if failures > 0 { logger.notice("the engine takes events again") }
                failures = 0
                strike(batch, of: lane)
            case .later(let reason, let time):
                metrics.count(.publishErrors)
                if failures == 0 { logger.warning("\(reason); what is to be published waits") }
                pause(after: time)
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
        guard !isStriking else { return }
        isStriking = true
        Task { await strikeOut() }
    }

    /// Many at once: each time is a write to the disk.
    private func strikeOut() async {
        defer { isStriking = false }
        while !done.isEmpty, !isStopped {
            try? await Task.sleep(for: .milliseconds(50))
            let keys = done
            done = []
            do {
                try await store.removeFromOutbox(keys)
                gone.formUnion(keys)
            } catch {
                logger.error("the outbox cannot be written: \(error)")
                done += keys
            }
        }
    }

    /// - Parameter time: as the engine asked for.
    private func pause(after time: Duration?) {
        guard !isPaused, !isStopped else { return }
        isPaused = true
        failures += 1
        let doubled = Duration.milliseconds(125) * (1 << min(failures, 10))
        let wait = max(time ?? .zero, min(Self.longestPause, doubled) * Double.random(in: 0.5...1))
        Task {
            try? await Task.sleep(for: wait)
            isPaused = false
            await pump()
        }
    }
}
