/// Where the fields of an envelope were found, before anything is said about what they must be.
struct EnvelopeFields {
    /// A top-level value: its first byte tells its kind, 0 that there is none.
    struct Value {
        var first: UInt8 = 0
        var escaped = false
        var start = 0
        var end = 0

        var isMissing: Bool { self.first == 0 }
        /// Whether it says nothing: a missing value or `null`.
        var isAbsent: Bool { self.isMissing || self.isNull }
        var isNull: Bool { self.first == 0x6E }
        var isBoolean: Bool { self.first == 0x74 || self.first == 0x66 }
        var isTrue: Bool { self.first == 0x74 }
        var isString: Bool { self.first == 0x22 }
        var isObject: Bool { self.first == 0x7B }

        init() {}

        /// The value that begins at the cursor, which passes it.
        @inline(__always) init(at cursor: inout JSONCursor, depth: Int, limits: Limits) throws(JSONSyntaxFault) {
            self.start = cursor.index
            if cursor.byte == 0x22 {
                cursor.index += 1
                self.escaped = try cursor.skipString()
            } else {
                try cursor.skipValue(depth: depth, limits: limits)
            }
            self.first = cursor.base[self.start]
            self.end = cursor.index
        }

        /// The place of a string's content.
        var text: ScannedMessage.Text {
            ScannedMessage.Text(start: self.start + 1, count: self.end - self.start - 2, escaped: self.escaped)
        }
    }

    private enum Name {
        case action, event, channelName, requestId, payload, ack, recover, presence, offset, unknown
    }

    private(set) var isObject = false
    private(set) var action = Value()
    private(set) var event = Value()
    private(set) var channelName = Value()
    private(set) var requestId = Value()
    private(set) var payload = Value()
    private(set) var ack = Value()
    private(set) var recover = Value()
    private(set) var presence = Value()
    private(set) var offset = Value()

    init() {}
}

extension EnvelopeFields {
    /// Passes one value; where it is an object, notes its known members, the last of a name.
    mutating func scan(_ cursor: inout JSONCursor, limits: Limits) throws(JSONSyntaxFault) {
        guard cursor.byte == 0x7B else { return try cursor.skipValue(depth: 0, limits: limits) }
        guard limits.jsonDepth > 0 else { throw .tooDeep }
        self.isObject = true
        cursor.index += 1
        cursor.skipWhitespace()
        if cursor.byte == 0x7D {
            cursor.index += 1
            return
        }
        var members = 0
        while true {
            guard members < limits.jsonKeys else { throw .tooManyMembers }
            members += 1
            try cursor.take(0x22, else: .expectedKey)
            let keyStart = cursor.index
            let keyEscaped = try cursor.skipString()
            let name = Self.name(
                UnsafeBufferPointer(start: cursor.base + keyStart, count: cursor.index - 1 - keyStart),
                escaped: keyEscaped
            )
            cursor.skipWhitespace()
            try cursor.take(0x3A, else: .expectedColon)
            cursor.skipWhitespace()
            self.note(try Value(at: &cursor, depth: 1, limits: limits), as: name)
            cursor.skipWhitespace()
            guard let next = cursor.byte else { throw .unexpectedEnd }
            guard next == 0x2C || next == 0x7D else { throw .expectedCommaOrEnd }
            cursor.index += 1
            if next == 0x7D { return }
            cursor.skipWhitespace()
        }
    }

    private mutating func note(_ value: Value, as name: Name) {
        switch name {
        case .action: self.action = value
        case .event: self.event = value
        case .channelName: self.channelName = value
        case .requestId: self.requestId = value
        case .payload: self.payload = value
        case .ack: self.ack = value
        case .recover: self.recover = value
        case .presence: self.presence = value
        case .offset: self.offset = value
        case .unknown: break
        }
    }

    private static func name(_ key: UnsafeBufferPointer<UInt8>, escaped: Bool) -> Name {
        if escaped {
            let text = Array(JSONCursor.text(key, escaped: true).utf8)
            return text.withUnsafeBufferPointer { Self.name($0, escaped: false) }
        }
        func equals(_ name: StaticString) -> Bool {
            for index in 0..<name.utf8CodeUnitCount where key[index] != name.utf8Start[index] { return false }
            return true
        }
        switch key.count {
        case 3: return equals("ack") ? .ack : .unknown
        case 5: return equals("event") ? .event : .unknown
        case 6: return equals("action") ? .action : equals("offset") ? .offset : .unknown
        case 7: return equals("payload") ? .payload : equals("recover") ? .recover : .unknown
        case 8: return equals("presence") ? .presence : .unknown
        case 9: return equals("requestId") ? .requestId : .unknown
        case 11: return equals("channelName") ? .channelName : .unknown
        default: return .unknown
        }
    }
}
