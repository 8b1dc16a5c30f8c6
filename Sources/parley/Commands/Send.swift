import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession
import Glibc

/// `parley send`: waits until the message is stored.
struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send a message and wait until it is stored.",
        discussion: """
            What does not come from a person at a terminal is marked as automated, and never counts as a human answer: \
            whenever stdin is no terminal, as in scripts and pipes. --automated and --no-automated say otherwise.

            Put -- before a text that begins with -.

            In an application without a desk it waits until the other side has confirmed the message, who is there then \
            or not at all; in the lobby nobody does. No mark is sent there.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "A user id, or a room such as #lobby.")
    var peer: String
    @Argument(help: "The text; - or nothing reads it from stdin.")
    var text: [String] = []
    @Option(
        help: ArgumentHelp(
            "How long to try; 10s, and with --when-online as long as it takes, unless set.", valueName: "time"))
    var timeout: TimeSpan?
    @Flag(inversion: .prefixedNo, help: "Say that a script sent it, or that a person did.")
    var automated: Bool?
    @Flag(name: .customLong("when-online"), help: "Wait until they are online, then send, once.")
    var whenOnline = false
    @Option(
        name: .customLong("client-id"),
        help: ArgumentHelp("The id of an earlier try, which this one settles.", valueName: "uuid"))
    var clientID: String?

    func run() throws {
        let place = try Place(argument: peer)
        let clientID = try clientID.map { id throws(Failure) in try Self.checked(id) } ?? Self.newID()
        let settings = try global.settings()
        let text = try self.text.isEmpty || self.text == ["-"] ? Self.readText() : self.text.joined(separator: " ")
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw Failure(.badInput, "the text is empty; a message has at least one character")
        }
        let limit = timeout?.duration
        let began = Now.uptime
        if whenOnline {
            guard case .peer(let user) = place else {
                throw Failure(.usage, "\(place.argument): is no user who could be online")
            }
            try Arrival.wait(for: user, settings, limit)
        }
        let left = limit.map { max(.seconds(1), $0 - (Now.uptime - began)) }
        let route = try DeskRoute(settings)
        do {
            guard route.target.plain == nil else {
                var delivery = PlainDelivery(text, to: place, clientID: clientID)
                let message = try delivery.run(route, within: left ?? PlainDelivery.patience)
                return try tell(message, message.isRelayed ? "relayed" : "sent", numbered: false)
            }
            let client = try DeskClient(settings, timeout: left ?? .seconds(10))
            defer { client.close() }
            try tell(try send(text, to: place, clientID, client), "sent", numbered: true)
        } catch let failure as Failure {
            throw try report(failure, text, clientID, isPlain: route.target.plain != nil)
        }
    }

    /// - Parameter numbered: by the desk, so that the number means something to others.
    private func tell(_ message: Message, _ state: String, numbered: Bool) throws(Failure) {
        if output.json { return try Output.json(Text.members(message) + [("state", .string(state))]) }
        try Output.line(
            "\(state) \(state == "sent" ? "to" : "in") \(peer)" + (numbered ? " as number \(message.seq)" : ""))
    }

    private func send(
        _ text: String, to place: Place, _ clientID: String, _ client: DeskClient
    ) throws(Failure) -> Message {
        let me = try client.identity()
        let conversation = try client.conversation(place, me)
        let marks = SendMarks.automated(automated ?? (isatty(0) == 0))
        return try client.ask(.send(place, text: text, clientID: clientID, socketID: nil, marks: marks)) {
            status, body throws(DeskFailure) in
            try DeskReply.message(status: status, body: body, in: conversation)
        }
    }

    /// Says what is known of the message, and the id that settles it.
    private func report(
        _ failure: Failure, _ text: String, _ clientID: String, isPlain: Bool
    ) throws(Failure) -> Failure {
        let isUnknown = failure.code == .unavailable || failure.code == .tryAgain
        let unknown: JSON = isPlain && failure.code == .tryAgain ? "relayed" : "unknown"
        if output.json {
            try Output.json([
                ("client_id", .string(clientID)), ("to", .string(peer)), ("text", .string(text)),
                ("state", isUnknown ? unknown : "failed"),
            ])
        }
        guard isUnknown else { return failure }
        return Failure(failure.code, failure.sentence + " (with --client-id \(clientID) it cannot be stored twice)")
    }

    static func newID() -> String {
        var random = SystemRandomNumberGenerator()
        var ids = RandomIDs(seed: (random.next(), random.next()))
        return ids.next()
    }

    /// `8-4-4-4-12` hexadecimal digits.
    static func checked(_ id: String) throws(Failure) -> String {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
            parts.joined().utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else {
            throw Failure(.usage, "--client-id is \"\(Text.shown(id))\"; expected a UUID such as \(newID())")
        }
        return id.lowercased()
    }

    /// Everything on stdin, without the line end that `echo` adds.
    private static func readText() throws(Failure) -> String {
        let limit = 256 * 1024
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = try StandardInput.read(&part)
            guard count > 0 else { break }
            bytes += part[..<count]
            guard bytes.count <= limit else {
                throw Failure(.badInput, "stdin: has more than \(limit) bytes; a message has at most 8,000 characters")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.badInput, "stdin: is not UTF-8 text")
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
