import ArgumentParser
import ChannelsProtocol
import Chat
import Desk
import Transport

/// `parley user`: the accounts of a desk, also while it runs.
struct User: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts of a desk that parley serve runs.",
        subcommands: [Add.self, List.self, Remove.self, NewToken.self])

    struct Place: ParsableArguments {
        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @Option(help: ArgumentHelp("The desk's folder.", valueName: "dir"))
        var data: String?
        @OptionGroup var store: StoreOption

        func open() throws(Failure) -> Accounts {
            let settings = try global.settings(store.flags)
            let folder = try settings.deskFolder(data)
            do throws(DeskError) {
                return try Accounts(folder: folder, store: settings.store)
            } catch {
                throw Failure(error)
            }
        }

        /// Does something with the accounts and closes them.
        func with<Value>(_ work: (Accounts) throws(DeskError) -> Value) throws(Failure) -> Value {
            let accounts = try open()
            defer { accounts.close() }
            do throws(DeskError) { return try work(accounts) } catch { throw Failure(error) }
        }

        /// Has the desk that runs in this folder, if one does, end the connections of somebody who lost account or token:
        /// those stand on a signature and not on the token.
        func endSessions(of id: UserID) throws(Failure) {
            let settings = try global.settings(store.flags)
            // The desks of a shared store are told by the store.
            guard settings.store == nil else { return }
            let folder = try settings.deskFolder(data)
            guard let holder = LocalDesk.holder(folder) else { return }
            let caller = HTTPCaller(.unix(path: folder + "/desk.sock"))
            defer { caller.shutdown() }
            let answer = Answer<HTTPAnswer>()
            caller.call("POST", "/api/revocations", timeout: .seconds(3)) { answer.give($0.mapError { $0 }) }
            if case .success(let told) = answer.wait(), told.status == 204 { return }
            Output.note(
                "\(id): the running desk (pid \(holder.pid)) does not answer; it ends their connections when it reads its store"
            )
        }

        /// A token is shown this once.
        func show(_ id: UserID, name: String?, token: String?) throws(Failure) {
            guard output.json else { return try Output.line(token ?? id.text) }
            var members: [(String, JSON)] = [("id", .string(id.text))]
            if let name { members.append(("name", .string(name))) }
            if let token { members.append(("token", .string(token))) }
            try Output.json(members)
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Make an account and print its token, this once.")
        @OptionGroup var place: Place
        @Argument(help: "The user id.") var id: String
        @Option(help: ArgumentHelp("The name others see.", valueName: "name")) var name: String?
        @Flag(
            name: .customLong("keep-history"),
            help: "Bring a removed account back for the same person, with its conversations.")
        var keepsHistory = false

        func run() throws {
            let id = try GlobalOptions.userID(id, in: "ID")
            let token = try place.with { accounts throws(DeskError) in
                try accounts.add(id, name: name, keepsHistory: keepsHistory)
            }
            try place.show(id, name: name ?? id.text, token: token)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the accounts.")
        @OptionGroup var place: Place

        func run() throws {
            for each in try place.with({ accounts throws(DeskError) in try accounts.list() }) {
                if place.output.json {
                    try place.show(each.id, name: each.name, token: nil)
                } else {
                    try Output.line(each.name == each.id.text ? each.id.text : "\(each.id)  \(Text.shown(each.name))")
                }
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "End an account; what it said stays.")
        @OptionGroup var place: Place
        @Argument(help: "The user id.") var id: String

        func run() throws {
            let id = try GlobalOptions.userID(id, in: "ID")
            try place.with { accounts throws(DeskError) in try accounts.remove(id) }
            try place.endSessions(of: id)
            if place.output.json { try place.show(id, name: nil, token: nil) } else { Output.note("\(id): removed") }
        }
    }

    struct NewToken: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "token", abstract: "Print a new token, this once; the old one is no longer good.")
        @OptionGroup var place: Place
        @Argument(help: "The user id.") var id: String

        func run() throws {
            let id = try GlobalOptions.userID(id, in: "ID")
            let token = try place.with { accounts throws(DeskError) in try accounts.newToken(id) }
            try place.endSessions(of: id)
            try place.show(id, name: nil, token: token)
        }
    }
}

/// Where a desk keeps what it has, where that is not its folder.
struct StoreOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A database of PostgreSQL that has the messages and accounts, in place of the folder.", valueName: "url"))
    var store: String?

    var flags: [SettingKey: (flag: String, value: SettingValue)] {
        store.map { [.deskStore: ("--store", .text($0))] } ?? [:]
    }
}

extension Settings {
    /// Nil: in the desk's folder.
    var store: PostgresURL? { text(.deskStore).flatMap { PostgresURL($0) } }

    /// The folder of the desk that `parley serve` runs.
    ///
    /// - Parameter flag: what `--data` says.
    func deskFolder(_ flag: String? = nil) throws(Failure) -> String {
        if let flag {
            guard !flag.isEmpty else { throw Failure(.usage, "--data is empty; expected the desk's folder") }
            return flag
        }
        if let given = text(.deskData) { return given }
        return try environment.dataFolder
    }
}
