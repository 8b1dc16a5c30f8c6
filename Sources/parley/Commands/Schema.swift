import ArgumentParser
import ChannelsProtocol

/// `parley schema`: what `--json` prints, as JSON Schema.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Show the JSON Schema of what a verb prints with --json.",
        discussion: """
            Without NAME it lists them. Members are only added, so readers ignore those they do not know; what changes \
            otherwise gets another "v".
            """)

    @OptionGroup var output: OutputOptions
    @Argument(help: "A verb, such as send or \"tail message\"; a verb with several objects shows them all.")
    var name: [String] = []

    func run() throws {
        let name = name.joined(separator: " ")
        let shapes = OutputShape.all.filter { name.isEmpty || $0.name == name || $0.name.hasPrefix(name + " ") }
        guard !shapes.isEmpty else {
            let near = Nearest.word(to: name, in: OutputShape.all.map(\.name)).map { "; did you mean \($0)?" } ?? ""
            throw Failure(.usage, "\(Text.shown(name)): prints no object\(near); parley schema lists those that do")
        }
        if output.json {
            for shape in shapes { try Output.json([("name", .string(shape.name)), ("schema", shape.schema)]) }
        } else if name.isEmpty {
            for line in Text.table(shapes.map { [$0.name, $0.sentence] }) { try Output.line(line) }
        } else {
            for shape in shapes { try Output.line(Text.pretty(shape.schema)) }
        }
    }
}
