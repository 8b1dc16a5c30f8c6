/// The program's version, as `--version` and the desk are told.
enum Version {
    static let text = "0.1.0"
}
