package import ChannelsProtocol

/// The listener's number of a connection; never used again.
package typealias Socket = UInt64

/// What the listener is to do, in this order.
package enum EngineOutput: Equatable, Sendable {
    /// One text for all of them.
    case send(String, to: [Socket])
    /// Close with this code, and a reason of at most 123 bytes. The engine has forgotten the socket already.
    case close(Socket, code: UInt16, reason: String)
    case webhook(WebhookEvent)
}

/// An event as it comes from the HTTP API or from within the process.
package struct PublishedEvent: Equatable, Sendable {
    package var name: String
    /// As the publisher wrote it; mostly JSON.
    package var data: String
    package var channels: [ChannelName]
    /// A connection that does not get it.
    package var excluding: SocketID?

    package init(name: String, data: String, channels: [ChannelName], excluding: SocketID? = nil) {
        self.name = name
        self.data = data
        self.channels = channels
        self.excluding = excluding
    }
}

/// Why an event is not published; `status` is the HTTP API's answer.
package enum TriggerRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    case eventName(String)
    case dataTooLarge(Int, limit: Int)
    case noChannel
    case tooManyChannels(Int, limit: Int)
    case channelName(ChannelNameError)
    case severalWithEncrypted

    package var status: Int {
        if case .dataTooLarge = self { 413 } else { 400 }
    }

    package var description: String {
        switch self {
        case .eventName(let name):
            "\"\(name)\" is no name for an event: 1 to 200 bytes, and not pusher: or pusher_internal:"
        case .dataTooLarge(let size, let limit): "the event data has \(size) bytes; \(limit) are allowed"
        case .noChannel: "an event needs a channel"
        case .tooManyChannels(let count, let limit): "an event goes to at most \(limit) channels; these are \(count)"
        case .channelName(let error): error.description
        case .severalWithEncrypted: "an event for an encrypted channel goes to that channel alone"
        }
    }
}
