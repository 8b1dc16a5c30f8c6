import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley who`: the roster, without joining it.
struct Who: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "Show who is online.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Everybody who can be written to, online or not.")
    var all = false

    func run() throws {
        let client = try DeskClient(try global.settings())
        defer { client.close() }
        let me = try client.identity()
        let users = try client.ask(.users) { status, body throws(DeskFailure) in
            try DeskReply.users(status: status, body: body)
        }
        let conversations = try client.ask(.conversations(limit: DeskCall.maxPage)) {
            status, body throws(DeskFailure) in
            try DeskReply.conversations(status: status, body: body, me: me.id)
        }
        var unseen: [UserID: Int] = [:]
        for each in conversations { if let peer = each.name.peer(of: me.id) { unseen[peer] = each.unseen } }
        for user in users where (all || user.isOnline) && user.id != me.id {
            let count = unseen[user.id] ?? 0
            if output.json {
                try Output.json([
                    ("id", .string(user.id.text)), ("name", .string(user.name)), ("online", .bool(user.isOnline)),
                    ("unseen", JSON(count)),
                ])
            } else {
                try Output.line(line(user, unseen: count))
            }
        }
    }

    private func line(_ user: DeskUser, unseen: Int) -> String {
        var line = all ? (user.isOnline ? "online   " : "offline  ") : ""
        line += user.id.text
        if user.name != user.id.text { line += "  \(Text.shown(user.name))" }
        if unseen > 0 { line += "  (\(unseen) unseen)" }
        return line
    }
}
