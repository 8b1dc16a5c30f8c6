/// Starts the reader's own program with a link, and leaves it alone.
enum LinkOpener {
    /// `command` as a shell reads it, with the address as one more argument that no shell ever parses.
    static func open(_ address: String, with command: String, _ environment: ChildEnvironment) throws(Failure) {
        // The shell ends at once, so that whoever opens the link is nobody's child here.
        let script = "(exec \(command) \"$1\") & exit 0"
        // The screen is ours: what that program says or asks goes nowhere.
        let process = try ChildProcess.spawn(["/bin/sh", "-c", script, "sh", address], environment, group: .session)
        ChildProcess.wait(process)
    }
}
