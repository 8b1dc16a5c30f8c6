package import Chat
package import Screen

/// Draws picture after picture. What a key changed in the input alone is drawn into the picture before, so that a letter is
/// on the screen without everything else being looked at.
package struct Painter {
    private var last: (ui: UIState, layout: Layout, screen: Screen)?

    package init() {}

    /// The picture `ChatScreen` draws of the same values. `isSameChat` says that `chat` is what it was in the last picture,
    /// and that nothing shown has become due since.
    package mutating func draw(
        chat: ChatState, isSameChat: Bool, ui: UIState, size: ScreenSize, now: Moment, glyphs: Glyphs
    ) -> Screen {
        let scene = Scene(chat: chat, ui: ui, size: size, now: now, glyphs: glyphs)
        var screen: Screen
        if isSameChat, let last, last.layout == scene.layout,
            scene.ui.differsInInputAlone(from: last.ui, in: chat.open)
        {
            screen = last.screen
            ChatScreen.drawInput(scene, on: &screen)
        } else {
            screen = ChatScreen.draw(scene)
        }
        last = (scene.ui, scene.layout, screen)
        return screen
    }
}

extension UIState {
    /// Whether pictures of the same chat with this state and with `old` are the same outside of the input.
    fileprivate func differsInInputAlone(from old: UIState, in open: ConversationName?) -> Bool {
        let input = view(open).input
        guard focus == .input, overlay == nil, view(open).search == nil, !StatusLine.speaks(of: input),
            !StatusLine.speaks(of: old.view(open).input)
        else { return false }
        var old = old
        old.change(open) { $0.input = input }
        // What no picture shows.
        (old.editedAt, old.draftDue, old.dwell, old.presence) = (editedAt, draftDue, dwell, presence)
        return old == self
    }
}
