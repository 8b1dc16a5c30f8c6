import ChatUI
import Screen
import Terminal

extension Settings {
    /// How the screen behaves.
    var screen: UISettings {
        var screen = UISettings()
        screen.showsTyping = boolean(.showTyping)
        screen.sendsTyping = boolean(.sendTyping)
        screen.ringsBell = boolean(.bell)
        screen.reordersText = boolean(.reorderRTL)
        screen.waitWarning = integer(.waitWarning)
        screen.waitAlarm = max(integer(.waitAlarm), integer(.waitWarning))
        screen.waitForgotten = integer(.waitForgotten)
        screen.listsWaitingFirst = boolean(.waitingFirst)
        screen.awayWhenIdle = integer(.awayIdle)
        screen.awayWhenUnfocused = integer(.awayUnfocused)
        if integer(.rosterWidth) > 0 { screen.rosterWidth = integer(.rosterWidth) }
        return screen
    }

    /// How the terminal is taken over.
    var terminalOptions: Terminal.Options {
        var options = Terminal.Options()
        switch text(.theme) {
        case "mono": options.depth = .monochrome
        case "dark": options.ground = .dark
        case "light": options.ground = .light
        default: break
        }
        options.links = text(.links) == "auto" ? nil : text(.links) == "on"
        options.mouse = boolean(.mouse)
        options.notification = text(.notify).flatMap { Terminal.Notification(rawValue: $0) }
        let isFar = environment["SSH_CONNECTION"] != nil
        let delay = integer(.escapeDelay) > 0 ? integer(.escapeDelay) : isFar ? 150 : 25
        options.decoder.escapeDelay = .milliseconds(delay)
        return options
    }
}
