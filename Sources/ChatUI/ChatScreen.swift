package import Chat
package import Screen

/// Chat and view state as a picture. The same values give the same picture.
package enum ChatScreen {
    package static func draw(chat: ChatState, ui: UIState, size: ScreenSize, now: Moment, glyphs: Glyphs) -> Screen {
        draw(Scene(chat: chat, ui: ui, size: size, now: now, glyphs: glyphs))
    }

    static func draw(_ scene: Scene) -> Screen {
        let (ui, layout) = (scene.ui, scene.layout)
        var screen = Screen(size: ui.size)
        screen.title = scene.ui.windowTitle(scene.chat)
        screen.reordersText = ui.settings.reordersText
        screen.draw { canvas in
            if layout.style == .framed { FramePane.draw(scene, on: &canvas) }
            if layout.style == .plain { FramePane.drawPlain(scene, on: &canvas) }
            if !layout.listCovers {
                canvas.draw(in: layout.messages) { MessagesPane.draw(scene, on: &$0) }
            }
            if !layout.roster.isEmpty { canvas.draw(in: layout.roster) { RosterPane.draw(scene, on: &$0) } }
            if !layout.input.isEmpty { canvas.draw(in: layout.input) { InputPane.draw(scene, on: &$0) } }
            if !layout.status.isEmpty { canvas.draw(in: layout.status) { StatusLine.draw(scene, on: &$0) } }
            switch ui.overlay {
            case .help(let scroll): HelpOverlay.draw(scene, scroll: scroll, on: &canvas)
            case .page(let title, let lines, let scroll):
                HelpOverlay.draw(scene, title: title, lines: lines.map { Segment($0) }, scroll: scroll, on: &canvas)
            case .links(let links): LinksOverlay.draw(scene, links, on: &canvas)
            case .switcher(let switcher): SwitcherOverlay.draw(scene, switcher, on: &canvas)
            case .search(let box): SearchOverlay.draw(scene, box, on: &canvas)
            case .canned(let picker): CannedOverlay.draw(scene, picker, on: &canvas)
            case .question, nil: break
            }
        }
        return screen
    }

    /// Draws the input anew on a screen that shows everything else as it is in `scene`.
    static func drawInput(_ scene: Scene, on screen: inout Screen) {
        screen.cursor = nil
        screen.draw(in: scene.layout.input) { canvas in
            canvas.fill()
            InputPane.draw(scene, on: &canvas)
        }
    }
}

/// Everything a pane may look at.
struct Scene {
    let chat: ChatState
    let ui: UIState
    let layout: Layout
    let now: Moment
    let glyphs: Glyphs

    init(chat: ChatState, ui: UIState, size: ScreenSize, now: Moment, glyphs: Glyphs) {
        var ui = ui
        ui.size = size
        (self.chat, self.ui, self.now, self.glyphs) = (chat, ui, now, glyphs)
        layout = ui.layout(chat)
    }

    var settings: UISettings { ui.settings }

    func calendar(_ at: Timestamp) -> CalendarTime { CalendarTime(at, offsetSeconds: ui.zone.offsetSeconds(at)) }

    /// A hint like `F1 help`, with the key in force.
    func hint(_ command: UICommand, _ word: String) -> String {
        let key = ui.keys.firstName(of: command)
        return key.isEmpty ? "" : "\(key) \(word)"
    }
}
