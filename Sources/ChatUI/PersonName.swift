import Chat
import Screen

/// Names where columns are few.
enum PersonName {
    /// The name of somebody in so many columns. An id that has to stand beside it is the last to be shortened, because the
    /// name alone may be taken for another's.
    static func fit(_ user: UserID, _ roster: Roster, columns: Int, ellipsis: String) -> String {
        let name = roster.name(of: user)
        guard roster.needsID(user) else { return TextWidth.truncated(name, columns: columns, ellipsis: ellipsis) }
        return fit(name, id: user.text, columns: columns, ellipsis: ellipsis)
    }

    static func fit(_ name: String, id: String, columns: Int, ellipsis: String) -> String {
        let left = columns - TextWidth.of(id) - 3
        if left >= min(shortest, TextWidth.of(name)) {
            return "\(TextWidth.truncated(name, columns: left, ellipsis: ellipsis)) (\(id))"
        }
        guard columns > 2 else { return TextWidth.truncated(id, columns: columns, ellipsis: ellipsis) }
        return "(\(TextWidth.truncated(id, columns: columns - 2, ellipsis: ellipsis)))"
    }

    /// Columns of a name that still say something.
    private static let shortest = 3
}
