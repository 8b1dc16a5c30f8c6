/// Why a text is no JSON, and where: `offset` counts bytes of UTF-8 from 0.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        case endOfText
        case unexpectedByte(UInt8)
        case badNumber
        case badEscape
        case controlCharacter
        case tooDeep(limit: Int)
        case trailingText
        case notUTF8
    }

    public let offset: Int
    public let problem: Problem

    public init(offset: Int, problem: Problem) {
        self.offset = offset
        self.problem = problem
    }

    public var description: String {
        let what =
            switch problem {
            case .endOfText: "the text ends too early"
            case .unexpectedByte(let byte):
                byte > 0x20 && byte < 0x7F
                    ? "\"\(Unicode.Scalar(byte))\" cannot stand here" : "byte \(byte) cannot stand here"
            case .badNumber: "a number is written wrongly"
            case .badEscape: "a backslash is followed by something unknown"
            case .controlCharacter: "a control character stands unescaped in a string"
            case .tooDeep(let limit): "nested deeper than \(limit)"
            case .trailingText: "something follows the value"
            case .notUTF8: "the bytes are not UTF-8"
            }
        return "JSON at byte \(offset): \(what)"
    }
}
