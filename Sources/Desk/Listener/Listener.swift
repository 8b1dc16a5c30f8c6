import HummingbirdCore
import Logging
import NIOCore

/// One address that is listened on, from the first connection to the last.
struct Listener: Sendable {
    let channel: any Channel
    private let server: Server<DeskChannel>
    private let running: Task<Void, any Error>

    /// Returns when connections are accepted; throws what binding throws.
    init(_ address: BindAddress, _ setup: DeskChannel, group: any EventLoopGroup, logger: Logger) async throws {
        let (started, announce) = AsyncThrowingStream<any Channel, any Error>.makeStream()
        let server = Server(
            childChannelSetup: setup, configuration: .init(address: address, backlog: 1_024),
            onServerRunning: { announce.yield($0) }, eventLoopGroup: group, logger: logger)
        running = Task {
            do {
                try await server.run()
                announce.finish()
            } catch {
                announce.finish(throwing: error)
                throw error
            }
        }
        self.server = server
        var listening: (any Channel)?
        for try await channel in started {
            listening = channel
            break
        }
        guard let listening else { throw ChannelError.alreadyClosed }
        channel = listening
    }

    /// Accepts nobody any more; returns when that is so. Requests that are being answered go on, silent ones end.
    func close() async {
        Task { [server] in try? await server.shutdownGracefully() }
        try? await channel.closeFuture.get()
    }

    /// Returns when the last connection has ended.
    func finish() async { _ = await running.result }

    /// Does not wait for those who are still talking.
    func cancel() { running.cancel() }
}
