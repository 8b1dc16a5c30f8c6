/// One place of the grid, in sixteen bytes: a base scalar, up to four marks on it, how many columns it takes, its role,
/// and the link it is part of.
///
/// Cells come from `ClusterReader` alone, so none of them can hold a control character.
package struct Cell: Equatable, Sendable {
    // low:  base 0–20 · columns 21–22 · role 24–31 · first mark 32–52 · link 53–63
    // high: the other three marks, 21 bits each
    private var low: UInt64
    private var high: UInt64

    /// How many marks a base can carry: what an ncurses cell holds.
    package static let maxMarks = 4

    package static let blank = Cell(base: 0x20, columns: 1)

    /// The right half of the two-column character to its left.
    static let continuation = Cell(base: 0, columns: 0)

    init(base: UInt32, columns: Int) {
        low = UInt64(base) | UInt64(columns) << 21
        high = 0
    }

    /// The columns this cell takes: 1, 2, or 0 for the right half of the cell before it.
    package var columns: Int { Int(low >> 21 & 3) }

    package var isContinuation: Bool { columns == 0 }

    package var role: Role {
        get { Role(rawValue: UInt8(truncatingIfNeeded: low >> 24)) ?? .plain }
        set { low = low & ~(0xFF << 24) | UInt64(newValue.rawValue) << 24 }
    }

    /// The scalar in this cell, 0 for a continuation.
    package var base: UInt32 { UInt32(low & 0x1F_FFFF) }

    /// The `index`-th mark, 0 where there is none.
    package func mark(_ index: Int) -> UInt32 {
        switch index {
        case 0: UInt32(low >> 32 & 0x1F_FFFF)
        case 1: UInt32(high & 0x1F_FFFF)
        case 2: UInt32(high >> 21 & 0x1F_FFFF)
        case 3: UInt32(high >> 42 & 0x1F_FFFF)
        default: 0
        }
    }

    package var hasMarks: Bool { low >> 32 & 0x1F_FFFF != 0 }

    /// The number of the link in `Screen.links`, from 1; 0 for none.
    package var link: Int {
        get { Int(low >> 53) }
        set { low = low & ~(0x7FF << 53) | UInt64(min(max(0, newValue), Cell.mostLinks)) << 53 }
    }

    /// The links one screen can have.
    static let mostLinks = 0x7FF

    /// A bracket turned to the other side; everything else as it is.
    var mirrored: Cell {
        let other = TextOrder.mirrored(base)
        guard other != base else { return self }
        var cell = self
        cell.low = low & ~0x1F_FFFF | UInt64(other)
        return cell
    }

    /// Two regional indicators: one flag in two columns. The second is the first mark.
    package var isFlag: Bool { columns == 2 && CharacterClass.isRegionalIndicator(base) }

    /// Puts one more mark on the base; the fifth and later ones are left out.
    mutating func add(mark: UInt32) {
        let value = UInt64(mark)
        if !hasMarks {
            low |= value << 32
        } else if high & 0x1F_FFFF == 0 {
            high |= value
        } else if high >> 21 & 0x1F_FFFF == 0 {
            high |= value << 21
        } else if high >> 42 == 0 {
            high |= value << 42
        }
    }

    func with(_ role: Role) -> Cell {
        var cell = self
        cell.role = role
        return cell
    }

    /// What stands in the cell; empty for a continuation.
    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    package func write(to text: inout String) {
        guard columns > 0 else { return }
        append(base, to: &text)
        guard hasMarks else { return }
        for index in 0..<Cell.maxMarks {
            let mark = mark(index)
            guard mark != 0 else { return }
            append(mark, to: &text)
        }
    }

    private func append(_ value: UInt32, to text: inout String) {
        guard let scalar = Unicode.Scalar(value) else { return }
        text.unicodeScalars.append(scalar)
    }
}
