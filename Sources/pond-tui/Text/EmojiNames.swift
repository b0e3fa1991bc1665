/// The emoji that `:name:` completes to, under their common names; all of them are one character of one width in every
/// terminal, which is why the heart is the one without a selector.
enum EmojiNames {
    /// Emoji whose names begin with some letters, that of exactly this name first; with a colon behind the name only it.
    static func matching(_ prefix: String) -> [(name: String, emoji: String)] {
        let wanted = prefix.lowercased().filter { $0 != ":" }
        let isWhole = prefix.last == ":"
        let exact = Self.table.filter { $0.0 == wanted }
        let longer = isWhole ? [] : Self.table.filter { $0.0 != wanted && $0.0.hasPrefix(wanted) }
        return (exact + longer).map { (name: $0.0, emoji: $0.1) }
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
        ("heart", "\u{2764}"), ("+1", "👍"), ("-1", "👎"), ("100", "💯"), ("thumbs_up", "👍"), ("thumbs_down", "👎"),
        ("grinning", "😀"), ("sweat_smile", "😅"), ("slightly_smiling_face", "🙂"), ("upside_down_face", "🙃"),
        ("stuck_out_tongue", "😛"), ("kissing_heart", "😘"), ("star_struck", "🤩"), ("hugs", "🤗"), ("hugging_face", "🤗"),
        ("shush", "🤫"), ("zipper_mouth", "🤐"), ("money_mouth", "🤑"), ("drooling", "🤤"), ("thinking_face", "🤔"),
        ("rolling_eyes", "🙄"), ("partying_face", "🥳"), ("exploding", "🤯"), ("face_palm", "🤦"), ("zzz", "💤"),
        ("broken_heart", "💔"), ("orange_heart", "🧡"), ("white_heart", "🤍"), ("brown_heart", "🤎"), ("two_hearts", "💕"),
        ("handshake", "🤝"), ("crossed_fingers", "🤞"), ("raised_hand", "✋"), ("point_up", "👆"), ("point_down", "👇"),
        ("point_left", "👈"), ("point_right", "👉"), ("pinch", "🤏"), ("call_me", "🤙"), ("folded_hands", "🙏"),
        ("confetti", "🎊"), ("fireworks", "🎆"), ("birthday", "🎂"), ("champagne", "🍾"), ("clinking_glasses", "🥂"),
        ("popcorn", "🍿"), ("doughnut", "🍩"), ("ice_cream", "🍨"), ("banana", "🍌"), ("lemon", "🍋"), ("unicorn", "🦄"),
        ("crab", "🦀"), ("owl", "🦉"), ("mouse", "🐭"), ("rabbit", "🐰"), ("gem", "💎"), ("crown", "👑"), ("money_bag", "💰"),
        ("umbrella", "☔"), ("christmas_tree", "🎄"), ("white_check_mark", "✅"), ("x", "❌"), ("no_entry", "⛔"),
        ("rotating_light", "🚨"), ("red_circle", "🔴"), ("green_circle", "🟢"), ("yellow_circle", "🟡"),
        ("blue_circle", "🔵"), ("link", "🔗"), ("pushpin", "📌"), ("file_folder", "📁"), ("unlock", "🔓"),
        ("loudspeaker", "📢"), ("mega", "📣"), ("speech_balloon", "💬"), ("battery", "🔋"), ("floppy_disk", "💾"),
        ("camera", "📷"), ("headphones", "🎧"), ("musical_note", "🎵"), ("art", "🎨"), ("dart", "🎯"), ("video_game", "🎮"),
        ("new", "🆕"), ("sos", "🆘"), ("up", "🆙"), ("cool", "🆒"), ("globe", "🌐"),
    ]
}
