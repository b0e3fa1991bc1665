/// The names that `:name:` completes to; all of them look alike in every terminal.
enum EmojiNames {
    /// Emoji whose names begin with some letters, in the order of the table.
    static func matching(_ prefix: String) -> [(name: String, emoji: String)] {
        let wanted = prefix.lowercased().filter { $0 != ":" }
        return Self.table.filter { $0.0.hasPrefix(wanted) }.map { (name: $0.0, emoji: $0.1) }
    }

    // swift-format-ignore
    private static let table: [(String, String)] = [
        ("smile", "😄"), ("smiley", "😃"), ("grin", "😁"), ("laughing", "😆"), ("joy", "😂"), ("rofl", "🤣"),
        ("wink", "😉"), ("blush", "😊"), ("slight_smile", "🙂"), ("upside_down", "🙃"), ("innocent", "😇"),
        ("heart_eyes", "😍"), ("kiss", "😘"), ("yum", "😋"), ("tongue", "😛"), ("zany", "🤪"), ("think", "🤔"),
        ("thinking", "🤔"), ("neutral", "😐"), ("expressionless", "😑"), ("no_mouth", "😶"), ("smirk", "😏"),
        ("unamused", "😒"), ("roll_eyes", "🙄"), ("grimace", "😬"), ("relieved", "😌"), ("pensive", "😔"),
        ("sleepy", "😪"), ("sleeping", "😴"), ("mask", "😷"), ("nauseated", "🤢"), ("sneeze", "🤧"), ("hot", "🥵"),
        ("cold", "🥶"), ("dizzy", "😵"), ("exploding_head", "🤯"), ("cowboy", "🤠"), ("party", "🥳"),
        ("sunglasses", "😎"), ("nerd", "🤓"), ("monocle", "🧐"), ("confused", "😕"), ("worried", "😟"),
        ("frown", "🙁"), ("open_mouth", "😮"), ("hushed", "😯"), ("astonished", "😲"), ("flushed", "😳"),
        ("pleading", "🥺"), ("cry", "😢"), ("sob", "😭"), ("scream", "😱"), ("disappointed", "😞"), ("sweat", "😓"),
        ("weary", "😩"), ("tired", "😫"), ("yawn", "🥱"), ("triumph", "😤"), ("rage", "😡"), ("angry", "😠"),
        ("devil", "😈"), ("skull", "💀"), ("poop", "💩"), ("clown", "🤡"), ("ghost", "👻"), ("alien", "👽"),
        ("robot", "🤖"), ("cat", "🐱"), ("dog", "🐶"), ("fox", "🦊"), ("bear", "🐻"), ("panda", "🐼"),
        ("monkey", "🐵"), ("pig", "🐷"), ("frog", "🐸"), ("chicken", "🐔"), ("penguin", "🐧"), ("duck", "🦆"),
        ("fish", "🐟"), ("octopus", "🐙"), ("bug", "🐛"), ("bee", "🐝"), ("butterfly", "🦋"), ("turtle", "🐢"),
        ("snake", "🐍"), ("whale", "🐳"), ("dolphin", "🐬"), ("heartbreak", "💔"), ("sparkling_heart", "💖"),
        ("blue_heart", "💙"), ("green_heart", "💚"), ("yellow_heart", "💛"), ("purple_heart", "💜"),
        ("black_heart", "🖤"), ("hundred", "💯"), ("boom", "💥"), ("dash", "💨"), ("wave", "👋"), ("ok_hand", "👌"),
        ("thumbsup", "👍"), ("thumbsdown", "👎"), ("fist", "✊"), ("punch", "👊"), ("clap", "👏"),
        ("raised_hands", "🙌"), ("open_hands", "👐"), ("pray", "🙏"), ("muscle", "💪"), ("eyes", "👀"),
        ("brain", "🧠"), ("facepalm", "🤦"), ("shrug", "🤷"), ("runner", "🏃"), ("dancer", "💃"), ("rocket", "🚀"),
        ("fire", "🔥"), ("star", "⭐"), ("glowing_star", "🌟"), ("sparkles", "✨"), ("tada", "🎉"), ("balloon", "🎈"),
        ("gift", "🎁"), ("trophy", "🏆"), ("medal", "🏅"), ("soccer", "⚽"), ("dice", "🎲"), ("guitar", "🎸"),
        ("coffee", "☕"), ("tea", "🍵"), ("beer", "🍺"), ("beers", "🍻"), ("wine", "🍷"), ("pizza", "🍕"),
        ("burger", "🍔"), ("cake", "🍰"), ("cookie", "🍪"), ("apple", "🍎"), ("avocado", "🥑"), ("sun", "🌞"),
        ("moon", "🌙"), ("rainbow", "🌈"), ("zap", "⚡"), ("snowman", "⛄"), ("ocean", "🌊"), ("earth", "🌍"),
        ("tree", "🌳"), ("cactus", "🌵"), ("rose", "🌹"), ("clover", "🍀"), ("car", "🚗"), ("bike", "🚲"),
        ("train", "🚆"), ("plane", "🛫"), ("ship", "🚢"), ("house", "🏠"), ("hourglass", "⌛"), ("alarm", "⏰"),
        ("phone", "📱"), ("computer", "💻"), ("bulb", "💡"), ("bomb", "💣"), ("wrench", "🔧"), ("hammer", "🔨"),
        ("lock", "🔒"), ("key", "🔑"), ("mag", "🔍"), ("pin", "📌"), ("paperclip", "📎"), ("memo", "📝"),
        ("book", "📖"), ("calendar", "📅"), ("chart", "📈"), ("email", "📧"), ("package", "📦"), ("bell", "🔔"),
        ("check", "✅"), ("cross", "❌"), ("question", "❓"), ("exclamation", "❗"), ("plus", "➕"), ("minus", "➖"),
        ("stop", "🛑"), ("construction", "🚧"), ("warning_light", "🚨"), ("flag", "🚩"), ("checkered_flag", "🏁"),
    ]
}
