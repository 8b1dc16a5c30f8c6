import Foundation

/// A folder of a test's own, 0700, gone with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init(parent: String = NSTemporaryDirectory()) throws {
        var template = Array((parent + "/desk-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw POSIXError(.EIO) }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: path)) }
}

/// The permission bits of a file.
func mode(_ path: String) -> mode_t {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.posixPermissions] as? NSNumber).map { mode_t(truncating: $0) } ?? 0
}
