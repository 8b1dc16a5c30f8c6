import Glibc

/// Starts the reader's own program with a link, and leaves it alone.
enum LinkOpener {
    /// `command` as a shell reads it, with the address as one more argument that no shell ever parses.
    static func open(_ address: String, with command: String) throws(Failure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The screen is ours: what that program says or asks goes nowhere.
        for file in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, file, "/dev/null", O_RDWR, 0)
        }
        // The shell ends at once, so that whoever opens the link is nobody's child here.
        let script = "(exec \(command) \"$1\") & exit 0"
        let process = try ChildProcess.spawn(
            ["/bin/sh", "-c", script, "sh", address], files: &actions, isApart: true)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
