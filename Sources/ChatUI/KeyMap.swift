package import Screen

/// Which key means what where: the table's keys, or what the configuration puts in their place.
package struct KeyMap: Equatable, Sendable {
    private var bindings: [CommandPlace: [[Key]: UICommand]] = [:]
    private var keys: [UICommand: [[Key]]] = [:]

    package static let standard = KeyMap()

    private init() {
        for info in CommandTable.all { bind(info.command, to: info.keys, in: info.place) }
    }

    /// The standard map with the keys of some commands replaced. Throws the first name that does not exist and the first
    /// key that would mean two things, as a sentence.
    package init(replacing replaced: [(command: String, keys: [String])]) throws(KeyMapError) {
        var chosen: [UICommand: [[Key]]] = [:]
        for (name, texts) in replaced {
            guard let command = UICommand(rawValue: name) else {
                throw .unknownCommand(name, nearest: Nearest.word(to: name, in: UICommand.allCases.map(\.rawValue)))
            }
            var chords: [[Key]] = []
            for text in texts {
                let chord = text.split(separator: " ").map { Key(String($0)) }
                guard !chord.isEmpty, chord.count <= 2, !chord.contains(nil) else {
                    throw .unknownKey(text, command: name)
                }
                chords.append(chord.compactMap(\.self))
            }
            chosen[command] = chords
        }
        for info in CommandTable.all {
            let wanted = chosen[info.command] ?? info.keys
            for chord in wanted {
                let places: [CommandPlace] = info.place == .anywhere ? CommandPlace.allCases : [info.place, .anywhere]
                for place in places {
                    if let other = bindings[place]?[chord], other != info.command {
                        throw .clash(chord.map(\.name).joined(separator: " "), info.command.rawValue, other.rawValue)
                    }
                }
            }
            bind(info.command, to: wanted, in: info.place)
        }
    }

    private mutating func bind(_ command: UICommand, to chords: [[Key]], in place: CommandPlace) {
        keys[command] = chords
        for chord in chords { bindings[place, default: [:]][chord] = command }
    }

    /// The command of a key, or of two keys one after the other.
    package func command(for chord: [Key], in place: CommandPlace) -> UICommand? {
        bindings[place]?[chord] ?? bindings[.anywhere]?[chord]
    }

    /// Whether `key` begins a chord of two.
    package func isPrefix(_ key: Key, in place: CommandPlace) -> Bool {
        [place, .anywhere].contains { bindings[$0]?.keys.contains { $0.count == 2 && $0[0] == key } ?? false }
    }

    /// The keys in force for a command, `Ctrl-N, Alt-Down`; empty where it has none.
    package func names(of command: UICommand) -> String {
        let chords = keys[command] ?? []
        if command == .jump, chords.count == 9, let first = chords.first?.first?.name { return first + "…9" }
        return chords.map { $0.map(\.name).joined(separator: " ") }.joined(separator: ", ")
    }

    /// The first key of a command, for a hint on the screen.
    package func firstName(of command: UICommand) -> String {
        keys[command]?.first.map { $0.map(\.name).joined(separator: " ") } ?? ""
    }
}

package enum KeyMapError: Error, Equatable, CustomStringConvertible {
    case unknownCommand(String, nearest: String?)
    case unknownKey(String, command: String)
    case clash(String, String, String)

    package var description: String {
        switch self {
        case .unknownCommand(let name, let nearest):
            "keys: there is no command \"\(name)\""
                + (nearest.map { "; did you mean \"\($0)\"" } ?? "; see F1 for all of them")
        case .unknownKey(let key, let command):
            "keys: \(command): \"\(key)\" is no key; keys are written like Ctrl-K, Alt-Enter, F5 or Ctrl-X Ctrl-E"
        case .clash(let key, let one, let other):
            "keys: \(key) would mean \(one) and \(other); give one of them another key"
        }
    }
}
