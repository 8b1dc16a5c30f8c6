import Glibc

/// The variables of a child: one value for each name.
///
/// A `parley` in a child is the same user at the same desk as this run, whatever flags and variables this run had: what a
/// flag or a variable decided is in the child's variables, and what the settings file decided is read there again.
struct ChildEnvironment: Sendable {
    /// `NAME=value`, with the bytes that this process was given.
    private var values: [String: [CChar]]

    /// Set by this program or read by it. A child has those of this run and no older ones.
    private static let ownNames: Set = [
        "PARLEY_CONFIG", "PARLEY_ACCOUNT", "PARLEY_USER", "PARLEY_URL", "PARLEY_TOKEN", "PARLEY_INSECURE",
        "PARLEY_APP_SECRET", "PARLEY_STORE_URL", "PARLEY_TITLE", "PARLEY_STEP", "PARLEY_CONVERSATION",
    ]

    /// The variables of this process without those of this program.
    init(inherited: [[CChar]] = Self.inherited()) {
        values = [:]
        for entry in inherited {
            let bytes = entry.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: "=")) }.map { UInt8(bitPattern: $0) }
            let name = String(decoding: bytes, as: UTF8.self)
            guard !Self.ownNames.contains(name), !bytes.starts(with: "PARLEY_EVENT".utf8) else { continue }
            // As in getenv, the first of several counts.
            if values[name] == nil { values[name] = entry }
        }
    }

    /// Those, and the identity that is in force.
    ///
    /// - Parameter hasToken: whether a token that came as a variable is passed on: to commands that may call `parley`.
    init(_ settings: Settings, hasToken: Bool, inherited: [[CChar]] = Self.inherited()) {
        self.init(inherited: inherited)
        let keys: [SettingKey] = [.account, .url] + (hasToken ? [.token] : [])
        for key in keys where !settings.source(key).isFile {
            if let name = key.variable { self[name] = settings.text(key) }
        }
        // Scripts compare it with the sender of a message.
        self["PARLEY_USER"] = settings.text(.user)
        if settings.hasFile { self["PARLEY_CONFIG"] = Self.absolute(settings.path) }
        if settings.isInsecure { self["PARLEY_INSECURE"] = "1" }
    }

    subscript(name: String) -> String? {
        get {
            guard let entry = values[name] else { return nil }
            let bytes = entry.prefix { $0 != 0 }.dropFirst(name.utf8.count + 1)
            return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        set { values[name] = newValue.map { Array("\(name)=\($0)".utf8CString) } }
    }

    /// With these besides.
    func adding(_ variables: [(name: String, value: String)]) -> ChildEnvironment {
        var sum = self
        for (name, value) in variables { sum[name] = value }
        return sum
    }

    /// As `posix_spawn` takes them.
    var entries: [[CChar]] { values.sorted { $0.key < $1.key }.map(\.value) }

    /// Those of this process.
    static func inherited() -> [[CChar]] {
        var entries: [[CChar]] = []
        var next = environ
        while let entry = next.pointee {
            entries.append(Array(UnsafeBufferPointer(start: entry, count: strlen(entry) + 1)))
            next += 1
        }
        return entries
    }

    /// The child may be in another folder.
    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
