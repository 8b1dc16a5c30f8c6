import ChannelsProtocol
import Testing

@testable import parley

/// The part of JSON Schema that `parley schema` uses.
enum SchemaCheck {
    /// What does not fit, with where.
    static func problems(_ value: JSON, _ schema: JSON, at place: String = "$") -> [String] {
        guard schema.object != nil else { return [] }
        var found: [String] = []
        if let constant = schema["const"], constant != value { found.append("\(place): is not \(constant.text)") }
        if let words = schema["enum"]?.array, !words.contains(value) { found.append("\(place): is not among \(words)") }
        if let any = schema["anyOf"]?.array, !any.contains(where: { problems(value, $0).isEmpty }) {
            found.append("\(place): \(value.text) fits nothing of \(any.map(\.text))")
        }
        switch schema["type"]?.string {
        case "string": if value.string == nil { found.append("\(place): is no string") }
        case "integer": if value.int == nil { found.append("\(place): is no integer") }
        case "number": if value.double == nil { found.append("\(place): is no number") }
        case "boolean": if value.bool == nil { found.append("\(place): is neither true nor false") }
        case "null": if !value.isNull { found.append("\(place): is not null") }
        case "array":
            guard let list = value.array else { return found + ["\(place): is no list"] }
            for (index, each) in list.enumerated() {
                found += problems(each, schema["items"] ?? .null, at: "\(place)[\(index)]")
            }
        case "object":
            guard let object = value.object else { return found + ["\(place): is no object"] }
            for case .string(let name) in schema["required"]?.array ?? [] where object[name] == nil {
                found.append("\(place): has no \(name)")
            }
            for member in object.members {
                guard let property = schema["properties"]?[member.name] else {
                    found.append("\(place).\(member.name): is not in the schema")
                    continue
                }
                found += problems(member.value, property, at: "\(place).\(member.name)")
            }
        default: break
        }
        if schema["pattern"] != nil, value.string?.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#) == nil {
            found.append("\(place): is no time")
        }
        return found
    }

    /// Every line of an output is what `parley schema NAME` says; a name of several shapes allows each of them.
    static func expect(
        _ output: String, fits name: String, atLeast count: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let shapes = OutputShape.all.filter { $0.name == name || $0.name.hasPrefix(name + " ") }
        let lines = output.split(separator: "\n")
        #expect(!shapes.isEmpty && lines.count >= count, "\(name): \(output)", sourceLocation: sourceLocation)
        for line in lines {
            #expect(line.hasPrefix(#"{"v":1,"#), sourceLocation: sourceLocation)
            let json = try JSON(parsing: String(line))
            let all = shapes.map { problems(json, $0.schema) }
            #expect(all.contains { $0.isEmpty }, "\(name): \(line)\n\(all)", sourceLocation: sourceLocation)
        }
    }
}

@Suite("schemas")
struct SchemaTests {
    @Test("are JSON, named once each, with v and every member described")
    func shapes() throws {
        #expect(Set(OutputShape.all.map(\.name)).count == OutputShape.all.count)
        for shape in OutputShape.all {
            #expect(try JSON(parsing: Text.pretty(shape.schema)) == shape.schema)
            #expect(shape.schema["properties"]?["v"]?["const"]?.int == 1)
            #expect(shape.members.allSatisfy { !$0.sentence.isEmpty })
        }
    }

    @Test("the checker finds what does not fit")
    func checker() throws {
        let schema = try #require(OutputShape.all.first { $0.name == "who" }).schema
        let good = #"{"v":1,"id":"bob","name":"Bob","online":true,"unseen":0}"#
        #expect(SchemaCheck.problems(try JSON(parsing: good), schema).isEmpty)
        for (part, wrong) in [
            ("\"v\":1", "\"v\":2"), ("true", "\"yes\""), (":0", ":0.5"), ("\"name\":\"Bob\",", ""),
            ("0}", "0,\"x\":1}"),
        ] {
            let text = good.replacing(part, with: wrong)
            #expect(!SchemaCheck.problems(try JSON(parsing: text), schema).isEmpty, "\(text)")
        }
    }
}
