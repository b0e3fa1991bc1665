internal import Glibc

/// `--keys`: the bytes and the name of every key, until `q` is pressed twice.
enum KeyDump {
    static func run() {
        var saved = termios()
        guard tcgetattr(0, &saved) == 0 else {
            StandardOutput.write("pond-tui: --keys needs a terminal\n")
            return
        }
        var raw = saved
        cfmakeraw(&raw)
        tcsetattr(0, TCSANOW, &raw)
        defer { tcsetattr(0, TCSANOW, &saved) }
        StandardOutput.write("Press keys; q twice ends.\r\n")
        var decoder = InputDecoder()
        var last: Key?
        while case .bytes(let bytes) = FileDescriptor.read(0) {
            let codes = bytes.map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return digits.count < 2 ? "0" + digits : digits
            }
            let events = decoder.feed(bytes) + decoder.flush()
            let names = events.map { event -> String in
                if case .key(let key) = event {
                    let action = KeyMap.standard.match([key])
                    if case .action(let action) = action { return "\(key.name) (\(action.rawValue))" }
                    return key.name
                }
                return "\(event)"
            }
            StandardOutput.write(
                "\(codes.joined(separator: " "))  \(TextSanitiser.plain(names.joined(separator: ", ")))\r\n"
            )
            for case .key(let key) in events {
                if key == Key(.character("q")), last == key { return }
                last = key
            }
        }
    }
}
