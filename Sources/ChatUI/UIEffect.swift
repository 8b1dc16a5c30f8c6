package import Chat

/// What the screen wants done by whoever runs it.
package enum UIEffect: Equatable, Sendable {
    /// `.send` comes with an empty `clientID`: the hall makes one.
    case chat(ChatCommand)
    /// Give the screen to an external editor; its text comes back by `UIState.editorReturned`.
    case openEditor(draft: String)
    case bell
    case notify(Alert)
    case suspend
    case quit
    /// Leave as `quit` does, and go on as another account.
    case goOn(account: String)
    /// Draw every cell again.
    case redraw
    case reconnectNow
    /// Put a text into the clipboard, and say what became of it.
    case copy(String)
    case openLink(String)
    /// Read the canned replies; they come back by `UIState.cannedLoaded`.
    case loadCanned
}
