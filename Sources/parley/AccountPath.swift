import Chat

/// `accounts/<hash of desk and user id>.sqlite`.
enum AccountPath {
    static func path(stateFolder: String, desk: String, user: UserID) -> String {
        "\(stateFolder)/accounts/\(hash(desk + "\n" + user.text)).sqlite"
    }

    /// `accounts/<hash of desk and account>.user`.
    static func lastUser(stateFolder: String, desk: String, account: String?) -> String {
        "\(stateFolder)/accounts/\(hash(desk + (account.map { "#" + $0 } ?? ""))).user"
    }

    /// FNV-1a of 128 bits. Nobody gains by a collision but the one who chose both names.
    private static func hash(_ text: String) -> String {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for byte in text.utf8 { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B }
        let hex = String(hash, radix: 16)
        return String(repeating: "0", count: 32 - hex.count) + hex
    }
}
