/// Every object there is. A verb that prints another one gets its line here, or a test fails.
extension OutputShape {
    static let all: [OutputShape] = [
        .init(
            "send", "the message, or what is known of one that was perhaps not stored",
            [
                state, .init("to", .text, "who it was for, where it was not stored", isOptional: true),
            ] + message.map { $0.name == "client_id" || $0.name == "text" ? $0 : $0.optional }),
        .init(
            "ask", "how a question ended, and the answer where there is one",
            [
                .init("outcome", .choice(["answered", "declined", "peer_left", "seen", "timed_out"]), "how it ended"),
                .init("question", .text, "the id of the message that asked"),
                .init("question_seq", .integer, "its number in the conversation"),
            ] + message.map(\.optional)),
        .init(
            "who", "somebody who can be written to, or is here with an id that nobody can write to",
            [
                .init("id", .text, "the user id"), .init("name", .text, "as they call themselves"),
                .init("online", .boolean, "whether they are here"),
                .init("unseen", .integer, "how many messages of theirs you have not seen"),
                .init("no_chat", .text, "why nobody can write to them, where that is so", isOptional: true),
            ]),
        .init("history", "a stored message", message),
        .init("tail message", "a message that came", [.init("type", .constant("message"), "what happened")] + message),
        .init(
            "tail typing", "somebody types, or stopped",
            [
                .init("type", .constant("typing"), "what happened"), conversation, .init("from", .text, "who types"),
                .init("typing", .boolean, "whether they do now"),
            ]),
        .init(
            "tail presence", "somebody came or went; only with --present, or in the room asked for",
            [
                .init("type", .constant("presence"), "what happened"), conversation.optional,
                .init("id", .text, "the user id"),
                .init("online", .boolean, "whether they are here now"),
                .init("availability", .choice(["available", "busy", "away"]), "what they say of it").optional,
                .init("since", .time, "since when").optional, .init("text", .text, "in their own words").optional,
            ]),
        .init(
            "tail seen", "everything up to a message was seen",
            [
                .init("type", .constant("seen"), "what happened"), conversation, .init("by", .text, "who saw it"),
                .init("seq", .integer, "the number of the last message seen"),
            ]),
        .init(
            "tail link", "the connection changed",
            [
                .init("type", .constant("link"), "what happened"),
                .init(
                    "state",
                    .choice([
                        "connecting", "online", "doubtful", "polling", "offline", "not_admitted", "refused",
                        "host_stopped",
                    ]), "what it is now"),
                .init("attempt", .integer, "which attempt this is", isOptional: true),
                .init("reason", .text, "why", isOptional: true),
                .init("pid", .integer, "the process of the stopped host", isOptional: true),
            ]),
        .init(
            "tail refused", "a channel is closed to this client",
            [
                .init("type", .constant("refused"), "what happened"),
                .init("conversation", .text, "which; absent for the own inbox").optional,
                .init("reason", .text, "why"), .init("retried", .boolean, "whether it is tried again by itself"),
                .init("since", .time, "since when"),
            ]),
        .init(
            "tail admitted", "a channel that was refused is open again",
            [
                .init("type", .constant("admitted"), "what happened"),
                .init("conversation", .text, "which; absent for the own inbox").optional,
            ]),
        .init(
            "tail desk", "the desk does not do what it is asked, or does so again",
            [
                .init("type", .constant("desk"), "what happened"),
                .init("state", .choice(["ok", "failing", "cannot_store"]), "what it is now"),
                .init("reason", .text, "why", isOptional: true), .init("since", .time, "since when").optional,
            ]),
        .init(
            "tail gap", "messages are missing and are being fetched",
            [
                .init("type", .constant("gap"), "what happened"), conversation,
                .init("from", .integer, "the number of the first that is missing"),
                .init("through", .integer, "and of the last"),
            ]),
        .init(
            "on", "somebody came, went or is away",
            [
                .init("type", .choice(["join", "leave", "away"]), "what happened"), .init("id", .text, "the user id"),
                .init("name", .text, "as they call themselves"), .init("at", .time, "when this client heard of it"),
            ]),
        .init(
            "seen", "up to where a conversation is seen now",
            [
                conversation, .init("peer", .text, "as it was asked for"),
                .init("seq", .integer, "the number of the last message, 0 where there is none"),
            ]),
        .init(
            "status", "who is waiting, what is unseen and who is online",
            [
                .init("user", .text, "who you are"), .init("desk", .text, "where"),
                .init("waiting", .integer, "how many people are waiting for your reply"),
                .init("waiting_since", .time, "since when the first of them is waiting", isOptional: true),
                .init("unseen", .integer, "how many messages are unseen"),
                .init("conversations", .integer, "in how many conversations"),
                .init("online", .integer, "how many others are online"),
                .init("account", .text, "as which account, where there are several", isOptional: true),
            ]),
        .init(
            "user", "an account of a desk",
            [
                .init("id", .text, "the user id"), .init("name", .text, "as others see it", isOptional: true),
                .init("token", .text, "the token, shown this once", isOptional: true),
            ]),
        .init(
            "login", "who the token belongs to",
            [
                .init("id", .text, "the user id"), .init("name", .text, "as others see it"),
                .init("url", .text, "the desk"),
            ]),
        .init(
            "config", "a setting in force",
            [
                .init("key", .text, "its name"), .init("value", .any, "its value; secrets are \"(hidden)\""),
                .init("source", .text, "where the value comes from"),
            ]),
        .init(
            "config --check", "whether the settings are right",
            [
                .init("path", .text, "the file"), .init("ok", .boolean, "whether they are"),
                .init("found", .boolean, "whether there is such a file"),
            ]),
        .init("config --path", "where the settings are, or would be", [.init("path", .text, "the file")]),
        .init(
            "export transcript", "the head of a transcript",
            [
                .init("type", .constant("transcript"), "what the line is"), conversation,
                .init("title", .text, "the peer, or #lobby"), .init("desk", .text, "where it was"),
                .init("store", .text, "an id that every restore of the desk makes new"),
                .init("user", .text, "who exported it"),
                .init(
                    "participants",
                    .list(.object([.init("id", .text, "the user id"), .init("name", .text, "as others see it")])),
                    "whoever wrote or is one of the two"),
                .init("exported_at", .time, "when"), .init("zone", .text, "the time zone of whoever exported it"),
                .init("last", .integer, "the number of the last message there was"), hash,
            ]),
        .init(
            "export message", "a message of a transcript",
            [
                .init("type", .constant("message"), "what the line is")
            ] + message + [
                .init("state", .choice(["received", "sent", "seen"]), "how far it had got"), hash,
            ]),
        .init(
            "export gap", "what is missing in a transcript",
            [
                .init("type", .constant("gap"), "what the line is"), conversation,
                .init("from", .integer, "the number of the first that is missing"),
                .init("through", .integer, "and of the last"), hash,
            ]),
        .init(
            "export end", "the end of a transcript",
            [
                .init("type", .constant("end"), "what the line is"),
                .init("messages", .integer, "how many there are"), hash,
            ]),
        .init(
            "import", "a conversation that was imported",
            [
                conversation, .init("messages", .integer, "how many messages it has"),
            ]),
        .init(
            "backup", "a copy of a desk",
            [
                .init("file", .text, "where it is"), .init("messages", .integer, "how many are in it"),
                .init("bytes", .integer, "how long the file is"),
            ]),
        .init(
            "sessions", "a connection of yours",
            [
                .init("id", .text, "its id"), .init("since", .nullable(.time), "since when"),
                .init("from", .text, "where it comes from"), .init("client", .text, "which program it is"),
                .init("present", .boolean, "whether it is in the lobby"),
                .init("channels", .list(.text), "the channels it is in"),
            ]),
        .init("sessions end", "a connection of yours that was ended", [.init("id", .text, "its id")]),
        .init(
            "keys", "what a key does",
            [
                .init("command", .text, "its name in the settings"), .init("place", .text, "where it does it"),
                .init("keys", .list(.text), "by which keys"), .init("help", .text, "what it does"),
                .init("source", .text, "where the keys come from"),
            ]),
        .init(
            "keys --read", "a key that was pressed",
            [
                .init("key", .nullable(.text), "its name"), .init("bytes", .text, "what the terminal sent, in hex"),
                .init("commands", .list(.text), "what it does"),
            ]),
        .init(
            "doctor", "something the doctor looked at",
            [
                .init("check", .choice(Check.Name.allCases.map(\.rawValue)), "what"),
                .init("ok", .boolean, "whether it is as it should be"),
                .init("detail", .text, "what was found, and what to do where that is wrong"),
            ]),
        .init(
            "inspect", "a frame, or what happened to the connection",
            [
                .init("at", .time, "when"),
                .init("direction", .choice(["in", "out", "link"]), "which way; link is the connection itself"),
                .init("event", .text, "the event's name"), .init("channel", .nullable(.text), "its channel"),
                .init("data", .any, "its data, decoded, with secrets as \"(hidden)\""),
            ]),
        .init(
            "bench", "how long messages took",
            [
                .init("clients", .integer, "how many connections"), .init("rounds", .integer, "how often each sent"),
                .init("every_message", .object(latencies), "ms from sending to every receiver"),
                .init("first_response", .object(latencies), "ms from sending to the first receiver"),
                .init("expected", .integer, "how many should have come"),
                .init("received", .integer, "how many came"), .init("lost", .integer, "how many did not"),
                .init(
                    "polling",
                    .object([
                        .init("polling_5s", .object(latencies), "ms for those who ask every 5 seconds"),
                        .init("long_polling", .object(latencies), "ms for those who ask again and again"),
                    ]), "with --compare polling", isOptional: true),
            ]),
        .init(
            "schema", "the shape of what a verb prints",
            [
                .init("name", .text, "the verb"), .init("schema", .any, "its JSON Schema"),
            ]),
    ]

    private init(_ name: String, _ sentence: String, _ members: [Member]) {
        self.init(name: name, sentence: sentence, members: members)
    }

    private static let latencies: [Member] = [
        .init("mean", .number, "the mean"), .init("p50", .number, "half took no longer"),
        .init("p95", .number, "19 of 20 took no longer"), .init("p99", .number, "99 of 100 took no longer"),
        .init("max", .number, "the longest"),
    ]

    static let conversation = Member("conversation", .text, "the conversation's channel")
    private static let state = Member("state", .choice(["sent", "relayed", "failed", "unknown"]), "what became of it")

    private static let hash = Member(
        "hash", .text, "SHA-256 of the hash before and this line without this member")

    /// A message as every verb prints it.
    static let message: [Member] = [
        .init("id", .text, "the desk's id of the message"),
        .init("seq", .integer, "counts from 1 without holes in each conversation"),
        conversation,
        .init("from", .text, "who wrote it"),
        .init("text", .nullable(.text), "what they wrote; null where it was too long for the event"),
        .init("at", .time, "when the desk stored it"),
        .init("client_id", .text, "the sender's own id of the message"),
        .init("automated", .boolean, "sent by a script", isOptional: true),
        .init("relayed", .boolean, "handed on without a desk, and nobody could confirm it", isOptional: true),
        .init(
            "ask",
            .object([
                .init("choices", .list(.text), "what can be answered"),
                .init("until", .time, "until when an answer counts"),
            ]), "it is a question", isOptional: true),
        .init("answers", .text, "the id of the question it answers", isOptional: true),
        .init("choice", .text, "the choice made; absent where the other side declined", isOptional: true),
        .init("late", .boolean, "the question had ended when this came", isOptional: true),
    ]
}
