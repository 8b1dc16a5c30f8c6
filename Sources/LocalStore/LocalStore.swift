// The door to the client's own disk: what was typed and not delivered, drafts, and the conversation that was open.
// One SQLite file for each account on each desk. It knows nothing of the network or the screen; what it keeps is
// `Chat.SavedState`, what changes it is `Chat.StoreWrite`. Something new to keep is a case there, a migration at the end
// of `AccountStore+Schema`, and a line in `AccountStore.write` and in `load`.
