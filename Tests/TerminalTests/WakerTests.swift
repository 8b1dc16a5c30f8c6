import CTerminal
import Glibc
import Testing

@testable import Terminal

/// One process has one Waker, so one after the other.
@Suite("waiting for input", .serialized)
struct WakerTests {
    /// The two ends of a pseudo-terminal.
    private func terminal() throws -> (master: Int32, slave: Int32) {
        var (master, slave): (Int32, Int32) = (-1, -1)
        guard openpty(&master, &slave, nil, nil, nil) == 0 else { throw TerminalError.notATerminal(stream: "a test") }
        return (master, slave)
    }

    @Test("a terminal that is gone is closed, though it can be read for ever, also where nothing is read")
    func gone() throws {
        for reads in [true, false] {
            let (master, slave) = try terminal()
            defer { close(slave) }
            #expect(write(master, "x\n", 2) == 2)
            close(master)
            let reasons = Waker.wait(input: slave, reads: reads, until: Terminal.now + .seconds(5))
            #expect(reasons.contains(.closed) && !reasons.contains(.input))
        }
    }

    @Test("a terminal that is there is not closed")
    func there() throws {
        let (master, slave) = try terminal()
        defer { [master, slave].forEach { close($0) } }
        #expect(!Waker.wait(input: slave, reads: false, until: .zero).contains(.closed))
        #expect(write(master, "x\n", 2) == 2)
        #expect(Waker.wait(input: slave, until: Terminal.now + .seconds(5)).contains(.input))
    }

    @Test("a pipe without a writer is read to its end before it is closed")
    func pipes() {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        #expect(write(ends[1], "x", 1) == 1)
        close(ends[1])
        #expect(Waker.wait(input: ends[0], until: Terminal.now + .seconds(5)).contains(.input))
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 1)
        #expect(Waker.wait(input: ends[0], until: Terminal.now + .seconds(5)).contains(.closed))
    }

    @Test("the end of a file can be read")
    func null() {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        #expect(Waker.wait(input: file, until: Terminal.now + .seconds(5)).contains(.input))
        var byte: UInt8 = 0
        #expect(ct_read(file, &byte, 1) == -1)
    }
}
