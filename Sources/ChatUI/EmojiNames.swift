/// Emoji by the short names people type between colons; completed by Tab after `:`.
enum EmojiNames {
    private static let all: KeyValuePairs<String, String> = [
        "smile": "😄", "grin": "😁", "joy": "😂", "rofl": "🤣", "wink": "😉", "blush": "😊",
        "heart_eyes": "😍", "thinking": "🤔", "neutral": "😐", "eyeroll": "🙄", "smirk": "😏",
        "sad": "😢", "cry": "😭", "angry": "😠", "scream": "😱", "sweat": "😅", "sleep": "😴",
        "sunglasses": "😎", "party": "🥳", "shrug": "🤷", "facepalm": "🤦", "thumbsup": "👍", "+1": "👍",
        "thumbsdown": "👎", "-1": "👎", "ok": "👌", "clap": "👏", "wave": "👋", "pray": "🙏",
        "muscle": "💪", "point_up": "👆", "point_down": "👇", "point_left": "👈", "point_right": "👉",
        "eyes": "👀", "heart": "💚", "broken_heart": "💔", "fire": "🔥", "star": "⭐", "sparkles": "✨",
        "tada": "🎉", "rocket": "🚀", "check": "✅", "cross": "❌", "warning": "⚠", "question": "❓",
        "exclamation": "❗", "bulb": "💡", "bug": "🐛", "wrench": "🔧", "hammer": "🔨", "lock": "🔒",
        "key": "🔑", "phone": "📞", "mail": "📧", "calendar": "📅", "clock": "⏰", "hourglass": "⏳",
        "coffee": "☕", "tea": "🍵", "beer": "🍺", "pizza": "🍕", "cake": "🎂", "sun": "☀", "moon": "🌙",
        "rain": "🌧", "snow": "❄", "rainbow": "🌈", "cat": "🐱", "dog": "🐶", "bird": "🐦", "snake": "🐍",
        "car": "🚗", "train": "🚆", "plane": "✈", "ship": "🚢", "house": "🏠", "office": "🏢",
        "money": "💰", "package": "📦", "chart": "📈", "pin": "📌", "link": "🔗", "pencil": "✏",
        "book": "📖", "search": "🔍", "bell": "🔔", "mute": "🔇", "music": "🎵", "camera": "📷",
        "computer": "💻", "robot": "🤖", "ghost": "👻", "100": "💯",
    ]

    /// Those whose name begins with `start`, in the order of the table.
    static func beginning(with start: String) -> [String] {
        all.filter { $0.key.hasPrefix(start) }.map(\.value)
    }
}
