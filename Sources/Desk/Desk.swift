// Desk: the server of a chat. Who may sign in, who may subscribe to what, and the messages, which are on disk before
// anybody hears of them. It publishes through an engine and asks the engine who is online; it keeps no list of its own.
//
// It does not know: how a conversation looks, what a client has already shown, the terminal.
// Add a call of the HTTP API in `API`, a column in a new migration in `Store/DeskStore+Schema.swift`, a way in (TLS,
// another socket) in `Listener`, and what concerns the folder and its lock in `Local`.
