import ArgumentParser
import ChannelsProtocol

/// A command as its own declarations describe it: what `--help` is made from, and the manual too.
struct ManualCommand: Sendable {
    struct Argument: Sendable {
        /// `--timeout TIME`, `--json`, `PEER`; all its spellings.
        var names: [String]
        var isPositional: Bool
        var isOptional: Bool
        var isRepeating: Bool
        var sentence: String
    }

    /// `parley send`.
    let name: String
    let sentence: String
    let discussion: String
    let arguments: [Argument]
    let subcommands: [ManualCommand]

    /// The whole program.
    static let root: ManualCommand = {
        let json = (try? JSON(parsing: Parley._dumpHelp()))?["command"] ?? .null
        return ManualCommand(json, above: "")
    }()

    private init(_ json: JSON, above: String) {
        let own = json["commandName"]?.string ?? ""
        name = above.isEmpty ? own : "\(above) \(own)"
        sentence = json["abstract"]?.string ?? ""
        discussion = json["discussion"]?.string ?? ""
        arguments = (json["arguments"]?.array ?? []).compactMap(Self.argument)
        let here = name
        subcommands = (json["subcommands"]?.array ?? []).filter { $0["commandName"]?.string != "help" }.map {
            ManualCommand($0, above: here)
        }
    }

    private static func argument(_ json: JSON) -> Argument? {
        guard json["shouldDisplay"]?.bool != false else { return nil }
        let value = (json["valueName"]?.string ?? "value").uppercased()
        let isPositional = json["kind"]?.string == "positional"
        let names = (json["names"]?.array ?? []).compactMap { name -> String? in
            guard let text = name["name"]?.string else { return nil }
            let spelled = (name["kind"]?.string == "short" ? "-" : "--") + text
            return json["kind"]?.string == "option" ? "\(spelled) \(value)" : spelled
        }
        var sentence = json["abstract"]?.string ?? ""
        if let initial = json["defaultValue"]?.string, !sentence.contains(initial), json["kind"]?.string == "option" {
            sentence += " (default: \(initial))"
        }
        return Argument(
            names: isPositional ? [value] : names, isPositional: isPositional,
            isOptional: json["isOptional"]?.bool ?? true,
            isRepeating: json["isRepeating"]?.bool ?? false, sentence: sentence)
    }

    var synopsis: String {
        let words = arguments.filter { $0.names.first != "--help" && $0.names.first != "-h" }.map { argument in
            let word = (argument.names.first ?? "") + (argument.isRepeating ? "…" : "")
            return argument.isOptional ? "[\(word)]" : word
        }
        return ([name] + (subcommands.isEmpty ? [] : ["COMMAND"]) + words).joined(separator: " ")
    }
}
