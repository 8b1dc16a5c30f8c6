/// A moment on the calendar: milliseconds since 1970-01-01 00:00 UTC. Reads and writes RFC 3339; knows no clock.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// `2026-11-20T10:15:30.123Z`.
    package var rfc3339: String {
        let date = CalendarTime(self, offsetSeconds: 0)
        let millis = Int((milliseconds % 1000 + 1000) % 1000)
        return "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))"
            + "T\(pad(date.hour, 2)):\(pad(date.minute, 2)):\(pad(date.second, 2)).\(pad(millis, 3))Z"
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; nil for anything else.
    package init?(rfc3339 text: String) {
        var rest = text.utf8[...]
        func digits(_ count: Int) -> Int? {
            var value = 0
            for _ in 0..<count {
                guard let byte = rest.popFirst(), (48...57).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        func expect(_ set: StaticString) -> Bool {
            guard let byte = rest.popFirst() else { return false }
            return set.withUTF8Buffer { $0.contains(byte) }
        }
        guard let year = digits(4), expect("-"), let month = digits(2), expect("-"), let day = digits(2),
            expect("Tt "), let hour = digits(2), expect(":"), let minute = digits(2), expect(":"),
            let second = digits(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var millis = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            var scale = 100
            var count = 0
            while let byte = rest.first, (48...57).contains(byte) {
                millis += Int(byte - 48) * scale
                scale /= 10
                count += 1
                rest.removeFirst()
            }
            guard count > 0 else { return nil }
        }
        var offset = 0
        guard let zone = rest.popFirst() else { return nil }
        switch zone {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): break
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard let hours = digits(2), expect(":"), let minutes = digits(2) else { return nil }
            offset = (hours * 60 + minutes) * (zone == UInt8(ascii: "+") ? 60 : -60)
        default: return nil
        }
        guard rest.isEmpty else { return nil }
        let days = CalendarTime.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        self.init(milliseconds: Int64(seconds) * 1000 + Int64(millis))
    }
}

/// A moment as a wall clock and calendar show it at an offset from UTC.
package struct CalendarTime: Equatable, Sendable {
    package let year, month, day, hour, minute, second: Int
    /// 0 is Sunday.
    package let weekday: Int

    package init(_ timestamp: Timestamp, offsetSeconds: Int) {
        let total = Self.floorDivide(Int(timestamp.milliseconds), 1000) + offsetSeconds
        let days = Self.floorDivide(total, 86_400)
        let clock = total - days * 86_400
        // Civil date from a day count, proleptic Gregorian, in 400-year eras that begin on 1 March.
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = clock / 3600
        minute = clock / 60 % 60
        second = clock % 60
        weekday = ((days + 4) % 7 + 7) % 7
    }

    /// Days since 1970-01-01.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = floorDivide(y, 400)
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }
}

func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
