import ArgumentParser
import ChannelsProtocol

/// `parley doctor`: one line a check, with what to do.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Find what is wrong, and say what to do.",
        discussion: """
            In this order; what depends on something that is wrong is not tried. It ends with 0 when everything is ok, \
            else with 69. Nobody else notices.

            \(Check.Name.allCases.map { "\($0.rawValue): \($0.sentence)" }.joined(separator: "\n"))
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let settings: Settings
        let doctor: Doctor
        do throws(Failure) {
            settings = try global.settings()
            doctor = try Doctor(settings)
        } catch {
            try tell(.wrong(.settings, error.sentence), isColored: false)
            throw ExitCode(Failure.Code.configuration.rawValue)
        }
        let isColored = Output.isColored(settings)
        var isWell = true
        try doctor.run { (check) throws(Failure) in
            isWell = isWell && check.isOK
            try tell(check, isColored: isColored)
        }
        guard isWell else { throw ExitCode(Failure.Code.unavailable.rawValue) }
    }

    private func tell(_ check: Check, isColored: Bool) throws(Failure) {
        if output.json {
            return try Output.json([
                ("check", .string(check.name.rawValue)), ("ok", .bool(check.isOK)), ("detail", .string(check.detail)),
            ])
        }
        let width = Check.Name.allCases.map(\.rawValue.count).max() ?? 0
        let name = check.name.rawValue + String(repeating: " ", count: width - check.name.rawValue.count)
        let word = check.isOK ? "ok   " : "wrong"
        let shown = isColored ? "\u{1B}[\(check.isOK ? 32 : 31)m\(word)\u{1B}[0m" : word
        try Output.text("\(shown)  \(name)  \(Text.shown(check.detail))\n")
    }
}
