/// What the tmux around this process is set to.
enum TmuxOptions {
    /// The values of the options of these names; empty where it cannot be asked.
    static func read(_ names: [String]) -> [String: String] {
        let script =
            "for name in \(names.joined(separator: " ")); do"
            + " printf '%s %s\\n' $name \"$(tmux show-options -gv $name)\"; done"
        let answer = try? CommandOutput.of(["/bin/sh", "-c", script], ChildEnvironment(), within: .seconds(2))
        guard let answer, answer.code == 0 else { return [:] }
        var options: [String: String] = [:]
        for line in String(decoding: answer.output, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { options[String(words[0])] = String(words[1]) }
        }
        return options
    }
}
