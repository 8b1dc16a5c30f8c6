/// What a channel is, as its name's prefix says.
public enum ChannelKind: Hashable, Sendable, CaseIterable {
    case `public`
    case cache
    case `private`
    case privateCache
    case privateEncrypted
    case privateEncryptedCache
    case presence
    case presenceCache
    case serverToUser

    /// Whether the last event is kept for those who come later.
    public var isCache: Bool {
        switch self {
        case .cache, .privateCache, .privateEncryptedCache, .presenceCache: true
        case .public, .private, .privateEncrypted, .presence, .serverToUser: false
        }
    }

    public var isPresence: Bool { self == .presence || self == .presenceCache }

    public var isEncrypted: Bool { self == .privateEncrypted || self == .privateEncryptedCache }

    /// Whether a subscription carries a signature.
    public var needsAuthorization: Bool {
        switch self {
        case .public, .cache, .serverToUser: false
        case .private, .privateCache, .privateEncrypted, .privateEncryptedCache, .presence, .presenceCache: true
        }
    }

    /// Whether clients may send events: private and presence, but not encrypted.
    public var takesClientEvents: Bool { needsAuthorization && !isEncrypted }
}

extension ChannelName {
    /// The longest prefix decides.
    public var kind: ChannelKind {
        switch text.utf8.first {
        case UInt8(ascii: "p"):
            if text.utf8.starts(with: "private-".utf8) {
                if text.utf8.starts(with: "private-encrypted-cache-".utf8) { return .privateEncryptedCache }
                if text.utf8.starts(with: "private-encrypted-".utf8) { return .privateEncrypted }
                return text.utf8.starts(with: "private-cache-".utf8) ? .privateCache : .private
            }
            guard text.utf8.starts(with: "presence-".utf8) else { return .public }
            return text.utf8.starts(with: "presence-cache-".utf8) ? .presenceCache : .presence
        case UInt8(ascii: "c"): return text.utf8.starts(with: "cache-".utf8) ? .cache : .public
        case UInt8(ascii: "#"): return text.utf8.starts(with: "#server-to-user-".utf8) ? .serverToUser : .public
        default: return .public
        }
    }
}
