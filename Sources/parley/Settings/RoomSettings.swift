import Chat
import Desk

/// Every setting of a `[[rooms]]` table: a room of the desk beside the lobby.
enum RoomKey: String, CaseIterable, Sendable {
    case name
    case title
    case users

    var definition: SettingKey.Definition {
        switch self {
        case .name:
            .init(.userID, .text(""), "What stands after the #: letters, digits and _ - = @ , . ; as in a user id.")
        case .title: .init(.line, .text(""), "What it is for, in a few words.")
        case .users: .init(.userIDs, .text(""), "Who may be there, with blanks between; empty is everybody.")
        }
    }
}

/// One `[[rooms]]` table.
struct RoomSettings: Equatable, Sendable {
    let name: UserID
    private(set) var values: [RoomKey: SettingValue] = [:]
    private(set) var line: Int?

    static func all(_ found: TomlValue, _ lines: KeyLines, _ name: String) throws(Failure)
        -> [RoomSettings]
    {
        let list = try ConfigFile.entries(found, of: "rooms", each: "room", lines, name)
        guard list.count <= ChatRoom.limit else {
            throw ConfigFile.wrong(
                name, lines[["rooms"]], "there are \(list.count) rooms; a desk has at most \(ChatRoom.limit)")
        }
        var rooms: [RoomSettings] = []
        for (index, entry) in list.enumerated() {
            let table = try ConfigFile.table(entry, of: "rooms", each: "room", lines, name)
            let room = try RoomSettings(table, ["rooms[\(index)]"], lines, name)
            // Who reads #Support where there is #support believes to be there.
            if let twin = rooms.first(where: { $0.name.text.lowercased() == room.name.text.lowercased() }) {
                let how = twin.name == room.name ? "is there twice" : "differs from \(twin.name) only in case"
                throw ConfigFile.wrong(name, room.line, "rooms.name \"\(room.name)\" \(how); give another name")
            }
            rooms.append(room)
        }
        return rooms
    }

    private init(_ table: TomlTable, _ place: [String], _ lines: KeyLines, _ name: String) throws(Failure) {
        func at(_ key: String) -> Int? { lines[place + [key]] ?? lines[["rooms"]] }
        for key in table.keys {
            guard let found = table[key] else { continue }
            guard let known = RoomKey(rawValue: key) else {
                let near = Nearest.word(to: key, in: RoomKey.allCases.map(\.rawValue)).map { "rooms.\($0)" }
                throw ConfigFile.wrong(name, at(key), ConfigFile.unknown("rooms.\(key)", near))
            }
            values[known] = try ConfigFile.value(found, of: "rooms.\(key)", known.definition.kind, line: at(key), name)
        }
        line = values[.name] == nil ? lines[place] ?? lines[["rooms"]] : at(RoomKey.name.rawValue)
        guard case .text(let text) = values[.name], let id = UserID(text) else {
            throw ConfigFile.wrong(name, line, "rooms.name is missing; expected a name such as \"support\"")
        }
        guard id.text.lowercased() != ChatRoom.lobbyName else {
            throw ConfigFile.wrong(name, line, "rooms.name is \"\(id)\"; the lobby is there without being declared")
        }
        self.name = id
    }

    private func text(_ key: RoomKey) -> String {
        guard case .text(let text) = values[key] ?? key.definition.initial else { return "" }
        return text
    }

    var title: String { text(.title) }

    /// As the desk takes it.
    var room: DeskRoom {
        let users = text(.users).words.compactMap { UserID($0) }
        return DeskRoom(name, title: title, users: users.isEmpty ? nil : Set(users))
    }
}
