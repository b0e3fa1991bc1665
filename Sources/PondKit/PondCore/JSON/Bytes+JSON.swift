/// Writing JSON text straight into bytes.
extension [UInt8] {
    /// Appends text that is JSON already.
    @inline(__always) package mutating func append(json text: StaticString) {
        self.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a string in quotes, escaping what JSON demands and nothing else.
    package mutating func append(jsonString text: String) {
        self.append(0x22)
        var text = text
        text.withUTF8 { self.append(jsonEscaping: $0) }
        self.append(0x22)
    }

    private mutating func append(jsonEscaping text: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(text)
        var start = 0
        var index = 0
        while index < text.count {
            if index &+ 8 <= text.count {
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                // A byte above ASCII may look special here; it only costs the look at it below.
                if JSONCursor.specialBytes(of: word) & ~word == 0 {
                    index &+= 8
                    continue
                }
            }
            let byte = text[index]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5C else {
                index &+= 1
                continue
            }
            self.append(contentsOf: text[start..<index])
            index &+= 1
            start = index
            self.append(0x5C)
            switch byte {
            case 0x08: self.append(0x62)
            case 0x09: self.append(0x74)
            case 0x0A: self.append(0x6E)
            case 0x0C: self.append(0x66)
            case 0x0D: self.append(0x72)
            case 0x22, 0x5C: self.append(byte)
            default:
                self.append(json: "u00")
                self.append(0x30 + byte >> 4)
                self.append(byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15)
            }
        }
        self.append(contentsOf: text[start...])
    }
}

extension [UInt8] {
    /// Appends a number's digits.
    package mutating func append(jsonNumber number: UInt64) {
        var digits = number
        let start = self.count
        repeat {
            self.append(0x30 + UInt8(truncatingIfNeeded: digits % 10))
            digits /= 10
        } while digits > 0
        self[start...].reverse()
    }

    /// Appends the opening brace and the first four fields of an envelope.
    mutating func append(envelope action: String, event: String, channelName: String, requestId: String) {
        self.append(json: #"{"action":"#)
        self.append(jsonString: action)
        self.append(json: #","event":"#)
        self.append(jsonString: event)
        self.append(json: #","channelName":"#)
        self.append(jsonString: channelName)
        self.append(json: #","requestId":"#)
        self.append(jsonString: requestId)
    }
}
