import ChannelsEngine
import Chat
import ChatSession

/// What is on its way: over the network, to a disk, or to a terminal that has to be told.
enum Parcel {
    /// Something happened to a terminal.
    case event(Run, SessionEvent)
    /// A frame of a client, for the engine.
    case text(Socket, String)
    /// The engine notices that a socket is gone.
    case hangUp(Socket)
    case request(Run, Int, DeskRequest, token: String)
    case answer(Run, Int, SessionEvent)
    /// Nobody waits any longer for the answer.
    case timeout(Run, Int)
    case write(Run, [StoreWrite])
    case open(Run, UserID)
    case adopt(Run)
}

/// Parcels by the time they arrive, those of one moment in the order they were sent.
struct Agenda {
    private var parcels: [(at: Duration, parcel: Parcel)] = []

    var next: Duration? { parcels.last?.at }
    var isEmpty: Bool { parcels.isEmpty }

    mutating func add(_ parcel: Parcel, at time: Duration) {
        // The latest stands first, so that the next is taken from the end.
        var low = 0
        var high = parcels.count
        while low < high {
            let middle = (low + high) / 2
            if parcels[middle].at > time { low = middle + 1 } else { high = middle }
        }
        parcels.insert((time, parcel), at: low)
    }

    /// Takes out what a run still wanted written, in order.
    mutating func takeWrites(of dead: Run) -> [[StoreWrite]] {
        var found: [[StoreWrite]] = []
        parcels.removeAll { each in
            guard case .write(let run, let writes) = each.parcel, run == dead else { return false }
            found.append(writes)
            return true
        }
        return found.reversed()
    }

    mutating func take(until now: Duration) -> Parcel? {
        guard let last = parcels.last, last.at <= now else { return nil }
        return parcels.removeLast().parcel
    }
}
