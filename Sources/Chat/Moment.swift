/// Now, as the loop hands it in: a monotonic reading for deadlines and a calendar reading for people.
package struct Moment: Equatable, Sendable {
    /// Since an arbitrary start; it does not jump.
    package var uptime: Duration
    package var date: Timestamp

    package init(uptime: Duration, date: Timestamp) {
        self.uptime = uptime
        self.date = date
    }
}
