import Transport

/// Whether tokens, signatures and messages may travel without TLS: on this machine, and beyond it only where the user said
/// `--insecure`.
enum Cleartext {
    static func mayTravel(to address: ServerAddress, _ settings: Settings) -> Bool {
        address.isSecure || address.isLocal || settings.isInsecure
    }

    static func refusal(of url: DeskURL) -> String {
        "\(url): without https:// anybody on the way can read the token; use https://, or --insecure if it must be"
    }
}
