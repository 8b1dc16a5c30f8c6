import Glibc

/// All sockets of the generator on this one thread; none of them is waited for.
final class Wires {
    private let port: UInt16
    private let poller = Poller()
    private var open: [Int: Wire] = [:]
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 1)

    init(port: UInt16) { self.port = port }

    deinit { buffer.deallocate() }

    /// - Parameter heard: what came, or nil when the other side is gone.
    func connect(_ heard: @escaping (UnsafeRawBufferPointer?) -> Void) throws -> Wire {
        let wire = try Wire(Line(port: port, waits: false), poller, heard)
        open[wire.number] = wire
        return wire
    }

    func close(_ wire: Wire) { open[wire.number] = nil }

    /// Reads and writes what can be, once for each socket.
    func turn(atMost seconds: Double) {
        for number in poller.wait(seconds) {
            guard let wire = open[number] else { continue }
            wire.flush()
            let count = read(wire.line.descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EAGAIN { continue }
            if count <= 0 { close(wire) }
            wire.heard(count > 0 ? UnsafeRawBufferPointer(rebasing: buffer[..<count]) : nil)
        }
    }
}

/// A connection of `Wires`. What it does not take at once is kept until there is room.
final class Wire {
    let line: Line
    let heard: (UnsafeRawBufferPointer?) -> Void
    private let poller: Poller
    private var kept: [UInt8] = []
    /// For room, or for the connection to stand.
    private var isWaiting = true

    var number: Int { Int(line.descriptor) }

    init(_ line: consuming Line, _ poller: Poller, _ heard: @escaping (UnsafeRawBufferPointer?) -> Void) {
        self.line = line
        self.poller = poller
        self.heard = heard
        poller.add(self.line.descriptor, as: number, writing: true)
    }

    func send(_ bytes: [UInt8]) {
        kept += bytes
        if !isWaiting { flush() }
    }

    /// A connection that is gone says so when it is read.
    func flush() {
        guard isWaiting || !kept.isEmpty else { return }
        let count = kept.withUnsafeBytes { write(line.descriptor, $0.baseAddress, $0.count) }
        if count > 0 { kept.removeFirst(count) }
        guard isWaiting == kept.isEmpty else { return }
        isWaiting.toggle()
        poller.change(line.descriptor, as: number, writing: isWaiting)
    }
}
