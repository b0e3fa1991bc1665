/// Turns the bytes of a terminal into keys, pastes, focus changes and mouse events. Pure: the caller reads and waits.
struct InputDecoder: Sendable {
    private var buffer: [UInt8] = []
    private var state = State.ground
    private var modeReports: [(mode: Int, isKnown: Bool)] = []
    /// Sequences of this terminal's own, from its description.
    private let extra: [[UInt8]: Key]
    /// More of a paste than this is dropped.
    static let pasteCapacity = 1 << 20

    private enum State: Sendable {
        /// Between keys; can become `paste`.
        case ground
        /// Inside a bracketed paste; can become `ground`.
        case paste([UInt8])
    }

    init(extra: [[UInt8]: Key] = [:]) { self.extra = extra }

    /// Whether an Escape was read that may be a key by itself: call `flush` when nothing follows it soon.
    var hasPending: Bool {
        if case .paste = self.state { return false }
        return !self.buffer.isEmpty
    }

    /// Takes in bytes as they were read, cut anywhere.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Event] {
        self.buffer.append(contentsOf: bytes)
        return self.drain(isFinal: false)
    }

    /// The text of a paste into a terminal that does not mark pastes: lines that no one types within one read.
    static func unmarkedPaste(_ bytes: [UInt8]) -> String? {
        let ends = bytes.count { $0 == 0x0D || $0 == 0x0A }
        guard ends > 3, bytes.count >= ends * 3, !bytes.contains(0x1B) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What the terminal answered when it was asked about its modes: the mode, and whether it knows it.
    mutating func takeModeReports() -> [(mode: Int, isKnown: Bool)] {
        defer { self.modeReports = [] }
        return self.modeReports
    }

    /// Nothing followed: what is there is all there is.
    mutating func flush() -> [Event] { self.drain(isFinal: true) }

    private mutating func drain(isFinal: Bool) -> [Event] {
        var events: [Event] = []
        var at = 0
        loop: while at < self.buffer.count {
            if case .paste(var text) = self.state {
                guard let end = Self.find(Self.pasteEnd, in: self.buffer, from: at) else {
                    // Keep what may be the beginning of the end mark.
                    let keep = max(at, self.buffer.count - Self.pasteEnd.count + 1)
                    text.append(contentsOf: self.buffer[at..<keep].prefix(max(0, Self.pasteCapacity - text.count)))
                    self.state = .paste(text)
                    at = keep
                    break loop
                }
                text.append(contentsOf: self.buffer[at..<end].prefix(max(0, Self.pasteCapacity - text.count)))
                events.append(.paste(String(decoding: text, as: UTF8.self)))
                self.state = .ground
                at = end + Self.pasteEnd.count
                continue
            }
            switch self.next(from: at, isFinal: isFinal) {
            case .none: break loop
            case .some(let (event, length)):
                if let event { events.append(event) }
                at += max(1, length)
            }
        }
        self.buffer.removeFirst(min(at, self.buffer.count))
        return events
    }

    /// The event that begins at a place, with its length; `nil` when more bytes are needed to tell.
    private mutating func next(from start: Int, isFinal: Bool) -> (Event?, Int)? {
        let byte = self.buffer[start]
        if byte == 0x1B { return self.escape(from: start, isFinal: isFinal) }
        guard let (character, length) = self.character(from: start, isFinal: isFinal) else { return nil }
        guard let key = character else { return (nil, length) }
        return (.key(key), length)
    }

    private mutating func escape(from start: Int, isFinal: Bool) -> (Event?, Int)? {
        let rest = self.buffer[start...]
        for (sequence, key) in self.extra where rest.starts(with: sequence) { return (.key(key), sequence.count) }
        guard rest.count > 1 else { return isFinal ? (.key(Key(.escape)), 1) : nil }
        let second = self.buffer[start + 1]
        switch second {
        case UInt8(ascii: "["): return self.csi(from: start, isFinal: isFinal)
        case UInt8(ascii: "O"):
            guard rest.count > 2 else { return isFinal ? (.key(Key(.character("O"), .alt)), 2) : nil }
            if let key = Self.final(self.buffer[start + 2], modifiers: []) { return (.key(key), 3) }
            return (nil, 3)
        case 0x1B:
            // Escape and then a sequence: that key with Alt. Two lone Escapes are two keys.
            guard rest.count > 2 else { return isFinal ? (.key(Key(.escape)), 1) : nil }
            guard let (event, length) = self.escape(from: start + 1, isFinal: isFinal) else { return nil }
            guard case .key(var key) = event, key.code != .escape else { return (.key(Key(.escape)), 1) }
            key.modifiers.insert(.alt)
            return (.key(key), length + 1)
        default:
            guard let (character, length) = self.character(from: start + 1, isFinal: isFinal) else { return nil }
            guard var key = character else { return (nil, length + 1) }
            key.modifiers.insert(.alt)
            return (.key(key), length + 1)
        }
    }

    // MARK: Control sequences

    private mutating func csi(from start: Int, isFinal: Bool) -> (Event?, Int)? {
        var at = start + 2
        // The Linux console's F1 to F5: ESC [ [ A
        if at < self.buffer.count, self.buffer[at] == UInt8(ascii: "[") {
            guard at + 1 < self.buffer.count else { return isFinal ? (nil, 3) : nil }
            let number = Int(self.buffer[at + 1]) - 0x40
            return ((1...5).contains(number) ? .key(Key(.function(number))) : nil, 4)
        }
        while at < self.buffer.count, (0x20...0x3F).contains(self.buffer[at]) { at += 1 }
        guard at < self.buffer.count else {
            // Endless parameters are no key.
            if at - start > 64 || (isFinal && at - start > 2) { return (nil, at - start) }
            return isFinal ? (.key(Key(.character("["), .alt)), 2) : nil
        }
        let parameters = self.buffer[(start + 2)..<at]
        let last = self.buffer[at]
        let length = at - start + 1
        guard (0x40...0x7E).contains(last) else { return (nil, at - start) }
        if parameters.first == UInt8(ascii: "<"), last == UInt8(ascii: "M") || last == UInt8(ascii: "m") {
            return (Self.mouse(Self.numbers(parameters.dropFirst()), isPress: last == UInt8(ascii: "M")), length)
        }
        let numbers = Self.numbers(parameters)
        if last == UInt8(ascii: "y"), parameters.first == UInt8(ascii: "?"), numbers.count == 2 {
            // 1 and 2 are set and reset; 0 and 4 say that nobody knows the mode.
            if self.modeReports.count < 16 { self.modeReports.append((numbers[0], (1...2).contains(numbers[1]))) }
            return (nil, length)
        }
        switch (last, numbers.first ?? 0) {
        case (UInt8(ascii: "I"), _) where parameters.isEmpty: return (.focus(true), length)
        case (UInt8(ascii: "O"), _) where parameters.isEmpty: return (.focus(false), length)
        case (UInt8(ascii: "~"), 200):
            self.state = .paste([])
            return (nil, length)
        case (UInt8(ascii: "~"), 27) where numbers.count >= 3:
            return (Self.unicodeKey(numbers[2], Self.modifiers(numbers[1])), length)
        case (UInt8(ascii: "~"), let number):
            let modifiers = Self.modifiers(numbers.count > 1 ? numbers[1] : 1)
            return (Self.tilde[number].map { .key(Key($0, modifiers)) }, length)
        case (UInt8(ascii: "u"), let number):
            return (Self.unicodeKey(number, Self.modifiers(numbers.count > 1 ? numbers[1] : 1)), length)
        case (UInt8(ascii: "M"), _) where parameters.isEmpty:
            // The old mouse report: three bytes follow.
            guard start + length + 3 <= self.buffer.count else { return isFinal ? (nil, length) : nil }
            return (nil, length + 3)
        default:
            let modifiers = Self.modifiers(numbers.count > 1 ? numbers[1] : 1)
            return (Self.final(last, modifiers: modifiers).map(Event.key), length)
        }
    }

    private static func numbers(_ bytes: some Sequence<UInt8>) -> [Int] {
        var numbers: [Int] = []
        var current = 0
        for byte in bytes {
            switch byte {
            case 0x30...0x39: current = min(current * 10 + Int(byte - 0x30), 10_000_000)
            case UInt8(ascii: ";"), UInt8(ascii: ":"):
                numbers.append(current)
                current = 0
            default: break
            }
        }
        return numbers + [current]
    }

    /// xterm's number: one more than the bits of Shift, Alt and Ctrl.
    private static func modifiers(_ number: Int) -> Key.Modifiers {
        let bits = max(0, number - 1)
        var modifiers: Key.Modifiers = []
        if bits & 1 != 0 { modifiers.insert(.shift) }
        if bits & 2 != 0 || bits & 8 != 0 { modifiers.insert(.alt) }
        if bits & 4 != 0 { modifiers.insert(.control) }
        return modifiers
    }

    private static func final(_ byte: UInt8, modifiers: Key.Modifiers) -> Key? {
        let code: Key.Code
        switch byte {
        case UInt8(ascii: "A"): code = .up
        case UInt8(ascii: "B"): code = .down
        case UInt8(ascii: "C"): code = .right
        case UInt8(ascii: "D"): code = .left
        case UInt8(ascii: "H"): code = .home
        case UInt8(ascii: "F"): code = .end
        case UInt8(ascii: "M"): code = .enter
        case UInt8(ascii: "Z"): return Key(.tab, modifiers.union(.shift))
        case UInt8(ascii: "P")...UInt8(ascii: "S"): code = .function(Int(byte) - 0x4F)
        default: return nil
        }
        return Key(code, modifiers)
    }

    private static let tilde: [Int: Key.Code] = [
        1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
        11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
        17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10),
        23: .function(11), 24: .function(12),
    ]

    private static func unicodeKey(_ number: Int, _ modifiers: Key.Modifiers) -> Event? {
        let code: Key.Code
        switch number {
        case 13: code = .enter
        case 9: code = .tab
        case 27: code = .escape
        case 127, 8: code = .backspace
        default:
            guard let value = UInt32(exactly: number), let scalar = Unicode.Scalar(value), value >= 32 else {
                return nil
            }
            code = .character(Character(scalar))
        }
        return .key(Key(code, modifiers))
    }

    private static func mouse(_ numbers: [Int], isPress: Bool) -> Event? {
        guard numbers.count >= 3, isPress else { return nil }
        let kind: Event.MouseEvent.Kind
        switch numbers[0] & 0b1100_0011 {
        case 0: kind = .press
        case 2: kind = .secondaryPress
        case 64: kind = .wheelUp
        case 65: kind = .wheelDown
        default: return nil
        }
        // A moved mouse is no press.
        guard numbers[0] & 32 == 0 else { return nil }
        return .mouse(Event.MouseEvent(column: numbers[1] - 1, row: numbers[2] - 1, kind: kind))
    }

    // MARK: Characters

    /// A key from one character, or no key from bytes that are none; `nil` when bytes are missing.
    private func character(from start: Int, isFinal: Bool) -> (Key?, Int)? {
        let byte = self.buffer[start]
        switch byte {
        case 0x0D: return (Key(.enter), 1)
        case 0x09: return (Key(.tab), 1)
        case 0x7F: return (Key(.backspace), 1)
        case 0x00: return (Key(.character(" "), .control), 1)
        case 0x01...0x1A: return (Key(.character(Character(Unicode.Scalar(byte + 0x60))), .control), 1)
        case 0x1B: return (Key(.escape), 1)
        case 0x1C...0x1F: return (Key(.character(Character(Unicode.Scalar(byte + 0x40))), .control), 1)
        case 0x20..<0x7F: return (Key(.character(Character(Unicode.Scalar(byte)))), 1)
        default:
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0
            guard length > 0, byte < 0xF5 else { return (nil, 1) }
            let available = min(length, self.buffer.count - start)
            for offset in 1..<max(1, available) where self.buffer[start + offset] & 0xC0 != 0x80 {
                return (nil, offset)
            }
            guard available == length else { return isFinal ? (nil, available) : nil }
            let text = String(decoding: self.buffer[start..<(start + length)], as: UTF8.self)
            guard let character = text.first, character != "\u{FFFD}" || length == 3 else { return (nil, length) }
            return (Key(.character(character)), length)
        }
    }

    private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

    private static func find(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count - start >= wanted.count else { return nil }
        var at = start
        while at + wanted.count <= bytes.count {
            if bytes[at] == wanted[0], bytes[at..<(at + wanted.count)].elementsEqual(wanted) { return at }
            at += 1
        }
        return nil
    }
}
