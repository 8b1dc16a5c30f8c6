import Chat
import ChatSession

/// What one account keeps on its machine, shared by its terminals: rows of messages that are not sent yet, each with the
/// run that looks after it.
struct AccountDisk {
    struct Row {
        var message: OutgoingMessage
        var owner: Run
    }

    /// Oldest first.
    var rows: [Row] = []
    var isFull = false

    /// What `run` looks after from now on: its own, and what dead ones left.
    mutating func open(by run: Run, isAlive: (Run) -> Bool) -> [OutgoingMessage] {
        _ = adopt(by: run, isAlive: isAlive)
        return rows.filter { $0.owner == run }.map(\.message)
    }

    /// Only what was a dead one's.
    mutating func adopt(by run: Run, isAlive: (Run) -> Bool) -> [OutgoingMessage] {
        var adopted: [OutgoingMessage] = []
        for index in rows.indices where rows[index].owner != run && !isAlive(rows[index].owner) {
            rows[index].owner = run
            adopted.append(rows[index].message)
        }
        return adopted
    }

    /// All of them or none.
    mutating func write(_ writes: [StoreWrite], by run: Run) -> Bool {
        guard !isFull else { return false }
        for write in writes {
            switch write {
            case .putOutbox(let message):
                let row = Row(message: message, owner: run)
                if let index = rows.firstIndex(where: { $0.message.clientID == message.clientID }) {
                    rows[index] = row
                } else {
                    rows.append(row)
                }
            case .removeOutbox(let id): rows.removeAll { $0.message.clientID == id }
            case .saveDraft, .saveOpen, .saveScroll, .saveSettled, .saveRoom: break
            }
        }
        return true
    }
}

extension World {
    /// When the terminal's next write is done: one after the other.
    mutating func writeTime(of seat: Seat) -> Duration {
        let time = max(now.uptime + weather.diskDelay(), lines[seat]?.diskFreeAt ?? .zero)
        lines[seat, default: Line()].diskFreeAt = time
        return time
    }

    mutating func write(_ writes: [StoreWrite], of run: Run) {
        let hasStore = clients[run.seat]?.hasStore == true
        let isDone = hasStore && disks[run.seat.user, default: AccountDisk()].write(writes, by: run)
        let event = isDone ? SessionEvent.saved(writes) : .notSaved(writes, reason: "the disk is full")
        agenda.add(.event(run, event), at: now.uptime)
    }

    mutating func open(_ run: Run, _ user: UserID) {
        guard isAlive(run) else { return }
        clients[run.seat]?.hasStore = true
        let rows = disks[user, default: AccountDisk()].open(by: run, isAlive: isAlive)
        agenda.add(.event(run, .restored(SavedState(outbox: rows))), at: now.uptime)
    }

    mutating func adopt(_ run: Run) {
        guard isAlive(run) else { return }
        let adopted = disks[run.seat.user, default: AccountDisk()].adopt(by: run, isAlive: isAlive)
        guard !adopted.isEmpty else { return }
        agenda.add(.event(run, .restored(SavedState(outbox: adopted))), at: now.uptime)
    }
}
