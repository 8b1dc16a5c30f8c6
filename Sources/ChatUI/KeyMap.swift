package import Screen

/// Which key means what where: the table's keys, or what the configuration puts in their place.
package struct KeyMap: Equatable, Sendable {
    private var bindings: [CommandPlace: [[Key]: UICommand]] = [:]
    private var keys: [UICommand: [[Key]]] = [:]

    package static let standard = KeyMap()

    private init() {
        keys.reserveCapacity(CommandTable.all.count)
        for info in CommandTable.all { bind(info.command, to: info.keys, in: info.place) }
    }

    /// The standard map with the keys of some commands replaced; no keys leave a command without one. Throws the first name
    /// that does not exist, the first key that is none, and the first that would mean two things, as a sentence.
    package init(replacing replaced: [(command: String, keys: [String])]) throws(KeyMapError) {
        var chosen: [UICommand: [[Key]]] = [:]
        for (name, texts) in replaced {
            guard let command = UICommand(rawValue: name) else {
                throw .unknownCommand(name, nearest: Nearest.word(to: name, in: UICommand.allCases.map(\.rawValue)))
            }
            var chords: [[Key]] = []
            for text in texts { chords.append(try Self.chord(text, for: command)) }
            chosen[command] = chords
        }
        for info in CommandTable.all {
            let wanted = chosen[info.command] ?? info.keys
            for chord in wanted {
                if let other = holder(of: chord, besides: info.command, in: info.place) {
                    throw .clash(chord.map(\.name).joined(separator: " "), info.command.rawValue, other.rawValue)
                }
            }
            bind(info.command, to: wanted, in: info.place)
        }
    }

    private static func chord(_ text: String, for command: UICommand) throws(KeyMapError) -> [Key] {
        let read = text.split(separator: " ").map { Key(String($0)) }
        let chord = read.compactMap(\.self)
        guard !chord.isEmpty, chord.count <= 2, chord.count == read.count else {
            throw .unknownKey(text, command: command.rawValue)
        }
        let same: [Key: Key] = ["Ctrl-M": .enter, "Ctrl-I": .tab, "Ctrl-[": .escape]
        for key in chord {
            if let sent = same[key] { throw .sentAs(key.name, sent.name, command: command.rawValue) }
        }
        let place = CommandTable.info(command)?.place ?? .anywhere
        if chord[0].typed != nil, place == .anywhere || place == .input {
            throw .types(text, command: command.rawValue)
        }
        return chord
    }

    /// Another command that has this key where it would count, or a key of two that begins with it, or is begun by it.
    private func holder(of chord: [Key], besides command: UICommand, in place: CommandPlace) -> UICommand? {
        let places: [CommandPlace] = place == .anywhere ? CommandPlace.allCases : [place, .anywhere]
        for each in places {
            for (bound, other) in bindings[each] ?? [:] where other != command {
                let shared = min(bound.count, chord.count)
                if bound.prefix(shared) == chord.prefix(shared) { return other }
            }
        }
        return nil
    }

    private mutating func bind(_ command: UICommand, to chords: [[Key]], in place: CommandPlace) {
        keys[command] = chords
        for chord in chords { bindings[place, default: [:]][chord] = command }
    }

    /// The command of a key, or of two keys one after the other.
    package func command(for chord: [Key], in place: CommandPlace) -> UICommand? {
        bindings[place]?[chord] ?? bindings[.anywhere]?[chord]
    }

    /// The second keys of the chords that begin with `key`, in the order of the table.
    func continuations(of key: Key, in place: CommandPlace) -> [String] {
        CommandTable.all.filter { [place, .anywhere].contains($0.place) }.flatMap { keys[$0.command] ?? [] }
            .filter { $0.count == 2 && $0[0] == key }.map { $0[1].name }
    }

    /// Whether `key` begins a chord of two.
    package func isPrefix(_ key: Key, in place: CommandPlace) -> Bool {
        [place, .anywhere].contains { bindings[$0]?.keys.contains { $0.count == 2 && $0[0] == key } ?? false }
    }

    /// The keys in force for a command, `Ctrl-N, Alt-Down`; empty where it has none.
    package func names(of command: UICommand) -> String {
        if [.jump, .chooseAnswer].contains(command), keys[command] == CommandTable.info(command)?.keys {
            return CommandTable.info(command)?.keyNames ?? ""
        }
        return allNames(of: command).joined(separator: ", ")
    }

    /// Each key in force for a command, as the configuration takes it.
    package func allNames(of command: UICommand) -> [String] {
        (keys[command] ?? []).map { $0.map(\.name).joined(separator: " ") }
    }

    /// Which of a command's keys ends with `key`, from 0.
    func index(of key: Key, for command: UICommand) -> Int? { keys[command]?.firstIndex { $0.last == key } }

    /// The first key of a command, for a hint on the screen.
    package func firstName(of command: UICommand) -> String {
        keys[command]?.first.map { $0.map(\.name).joined(separator: " ") } ?? ""
    }
}

package enum KeyMapError: Error, Equatable, CustomStringConvertible {
    case unknownCommand(String, nearest: String?)
    case unknownKey(String, command: String)
    /// The terminal sends another key's byte for it.
    case sentAs(String, String, command: String)
    /// It is needed to write.
    case types(String, command: String)
    case clash(String, String, String)

    /// The commands it is about.
    package var commands: [String] {
        switch self {
        case .unknownCommand(let name, _): [name]
        case .unknownKey(_, let command), .types(_, let command), .sentAs(_, _, let command): [command]
        case .clash(_, let one, let other): [one, other]
        }
    }

    package var description: String {
        switch self {
        case .unknownCommand(let name, let nearest):
            "keys.\(name) is no command; "
                + (nearest.map { "did you mean keys.\($0)?" } ?? "parley keys lists them all")
        case .unknownKey(let key, let command):
            "keys.\(command) has \"\(key)\", which is no key; one is written like Ctrl-K, Alt-Enter, F5 or "
                + "Ctrl-X Ctrl-E, and parley keys --read tells its name"
        case .sentAs(let key, let sent, let command):
            "keys.\(command) has \(key), which terminals send as \(sent); take another key"
        case .types(let key, let command):
            "keys.\(command) has \"\(key)\", which is needed to write; take one with Ctrl or Alt, or an F key"
        case .clash(let key, let one, let other):
            "keys: \(key) would mean \(one) and \(other); give one of them another key, or [] for none"
        }
    }
}
