import Chat
import Screen

/// The last line: what needs the reader (who is waiting, what is unseen, what is not sent), then how the desk is reached.
/// A notice stands before that for a few seconds, and behind what needs the reader after them.
enum StatusLine {
    static func draw(_ scene: Scene, on canvas: inout Canvas) {
        let isFramed = scene.layout.style == .framed
        let role: Role = isFramed ? .plain : .statusLine
        if !isFramed { canvas.fill(role: .statusLine) }
        let help = scene.layout.style == .bare ? scene.hint(.bareView, "back") : scene.hint(.help, "help")
        let helpWidth = help.isEmpty ? 0 : TextWidth.of(help) + (isFramed ? 3 : 1)
        let left = isFramed ? 1 : 0
        var end = canvas.columns - left
        let isRoomy = canvas.columns >= 30
        let segments = segments(scene, plain: role, columns: end - left - (isRoomy ? helpWidth : 0))
        if isRoomy || width(segments) + helpWidth <= canvas.columns { end -= helpWidth }
        if isFramed { canvas.put(" ", at: 0, 0) }
        let stop = canvas.put(segments, at: left, 0, end: end, scene.glyphs)
        if isFramed { canvas.put(" ", at: stop, 0) }
        guard helpWidth > 0, end <= canvas.columns - left - helpWidth else { return }
        canvas.put(
            isFramed ? " \(help) " : help, endingAt: canvas.columns - left, 0, role: isFramed ? .key : .statusLine)
    }

    /// - Parameter columns: how many there are. Where all fits a notice stays in front.
    static func segments(_ scene: Scene, plain: Role, columns: Int) -> [Segment] {
        var link = link(scene, plain: plain)
        link[0].text = scene.ui.accounts.prefix + link[0].text
        var state: [Segment] = []
        // A word or two that explain what follows.
        switch scene.chat.link {
        case .offline, .notAdmitted: state = [link.removeFirst()]
        case .connecting, .online, .doubtful, .polling, .refused, .hostStopped: break
        }
        let needs = state + needs(scene, isShort: columns < 50)
        let rest = link + remedy(scene, plain: plain)
        if let first = scene.ui.pendingKey {
            let seconds = scene.ui.keys.continuations(of: first, in: scene.ui.place).joined(separator: ", ")
            return joined([Segment("\(first.name) and then: \(seconds)", .notice)] + needs + rest, scene, plain)
        }
        guard let notice = scene.ui.notice else { return joined(needs + rest, scene, plain) }
        let text = Segment(notice.text, notice.isError ? .error : .notice)
        let all = joined([text] + needs + rest, scene, plain)
        if !notice.isBehind || width(all) <= columns { return all }
        return joined(needs + [text] + rest, scene, plain)
    }

    /// Who is waiting, what is unseen, what is not sent, and a text too long to be sent.
    private static func needs(_ scene: Scene, isShort: Bool) -> [Segment] {
        var parts: [Segment] = []
        if let waiting = scene.ui.waitSummary(scene.now, isShort: isShort) { parts.append(waiting) }
        let unseen = scene.chat.unseenTotal
        if unseen.messages > 0 {
            let places = isShort ? "" : " in \(unseen.conversations)"
            parts.append(Segment("\(unseen.messages) unseen\(places)", .unseenBadge))
        }
        let queued = scene.chat.waitingToBeSent
        if queued > 0, !scene.chat.link.isOnline || queued > 1 || scene.chat.deskFault != nil {
            parts.append(Segment("\(queued) to be sent", .sending))
        }
        if let length = tooLong(scene) { parts.append(length) }
        return parts
    }

    private static func joined(_ parts: [Segment], _ scene: Scene, _ plain: Role) -> [Segment] {
        Array(parts.map { [$0] }.joined(separator: [Segment(" \(scene.glyphs.separator) ", plain)]))
    }

    private static func width(_ segments: [Segment]) -> Int { segments.reduce(0) { $0 + TextWidth.of($1.text) } }

    private static func link(_ scene: Scene, plain: Role) -> [Segment] {
        let detail = scene.ui.linkDetail
        let desk = Segment(detail.desk + (detail.isHost ? " (host)" : ""), plain)
        switch scene.chat.link {
        case .online:
            guard scene.chat.deskFault == nil else { return troubles(scene) + [desk] }
            return troubles(scene) + [desk] + (detail.latency.map { [Segment(Words.latency($0), plain)] } ?? [])
        case .polling:
            return [
                Segment("no live connection: asking the desk", .notice),
                Segment(scene.hint(.reconnect, "now"), .key),
            ] + troubles(scene)
        case .doubtful: return troubles(scene) + [desk, Segment("no answer for a while", .notice)]
        case .connecting(let attempt):
            let again = attempt > 1 ? " (attempt \(attempt))" : ""
            return [Segment("connecting to \(detail.desk)\(again)\(scene.glyphs.ellipsis)", .notice)]
        case .offline: return [Segment("offline", .error)]
        case .notAdmitted: return [Segment("not let in", .error)]
        case .refused(let reason):
            return [Segment("refused: \(reason); \(detail.remedy ?? "sign in again")", .error)]
        case .hostStopped(let pid):
            return [Segment("the desk's host (pid \(pid)) is stopped; your text is kept", .error)]
        }
    }

    /// What is wrong although the link stands.
    private static func troubles(_ scene: Scene) -> [Segment] {
        let desk = scene.chat.deskFault.map { fault in
            Segment("\(fault.reason), since \(Words.clockWithSeconds(scene.calendar(fault.since)))", .error)
        }
        return (desk.map { [$0] } ?? []) + TroubleText.marked(scene.chat).map { Segment($0.mark, .error) }
    }

    /// When it is tried again and with which key; last, as the longest and least needed, why.
    private static func remedy(_ scene: Scene, plain: Role) -> [Segment] {
        let kept = scene.chat.waitingToBeSent > 0 ? [] : [Segment("text is kept", plain)]
        switch scene.chat.link {
        case .offline(let reason, let retryAt), .notAdmitted(let reason, let retryAt):
            var parts: [Segment] = []
            if let retryAt {
                let left = retryAt - scene.now.uptime
                let at = Timestamp(milliseconds: scene.now.date.milliseconds + milliseconds(left) + 500)
                parts.append(Segment("again \(Words.clockWithSeconds(scene.calendar(at)))", .notice))
            }
            parts.append(Segment(scene.hint(.reconnect, "now"), .key))
            return parts + kept + [Segment(reason, .error)]
        case .refused:
            return [Segment(scene.hint(.reconnect, "then"), .key)] + kept
        case .online, .polling, .doubtful:
            let why = TroubleText.marked(scene.chat).first.map { [Segment($0.refusal.reason, .error)] } ?? []
            let isPlain = why.isEmpty && scene.chat.deskFault == nil
            return isPlain || scene.chat.link == .polling ? why : [Segment(scene.hint(.reconnect, "now"), .key)] + why
        case .connecting, .hostStopped: return []
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let parts = duration.components
        return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
    }

    /// Whether it may say how much is written, which it does where that comes near what a message can have.
    static func speaks(of input: InputLine) -> Bool {
        input.before.utf8.count + input.after.utf8.count > InputLine.maxScalars * 9 / 10
    }

    private static func tooLong(_ scene: Scene) -> Segment? {
        let input = scene.ui.view(scene.chat.open).input
        guard speaks(of: input) else { return nil }
        let count = input.text.unicodeScalars.count
        guard count > InputLine.maxScalars * 9 / 10 else { return nil }
        return Segment(
            "\(count) of \(InputLine.maxScalars) characters", count > InputLine.maxScalars ? .error : .notice)
    }
}
