extension JSONCursor {
    /// Passes one value of any kind that starts here, with all that is in it.
    ///
    /// `depth` is the number of containers that are open around it.
    mutating func skipValue(depth outer: Int, limits: Limits) throws(JSONSyntaxFault) {
        guard self.index < self.count else { throw .unexpectedEnd }
        switch self.base[self.index] {
        case 0x22:
            self.index &+= 1
            _ = try self.skipString()
        case 0x7B, 0x5B:
            let deepest = min(limits.jsonDepth, Self.deepest) - outer
            try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.deepest) {
                (open) throws(JSONSyntaxFault) in
                guard let stack = open.baseAddress else { throw .tooDeep }
                try self.skipContainers(stack, deepest: deepest, members: UInt32(clamping: limits.jsonKeys))
            }
        default:
            try self.skipScalar()
        }
    }

    /// Passes a number, `true`, `false` or `null`.
    @inline(__always) private mutating func skipScalar() throws(JSONSyntaxFault) {
        switch self.base[self.index] {
        case 0x74: try self.skipLiteral("true")
        case 0x66: try self.skipLiteral("false")
        case 0x6E: try self.skipLiteral("null")
        default: _ = try self.skipNumber()
        }
    }

    /// Passes a container and everything in it; `stack` holds, for each open one, its members and in the top bit
    /// whether it is an object.
    private mutating func skipContainers(
        _ stack: UnsafeMutablePointer<UInt32>,
        deepest: Int,
        members: UInt32
    ) throws(JSONSyntaxFault) {
        let object: UInt32 = 0x8000_0000
        var depth = 0
        while true {
            guard self.index < self.count else { throw .unexpectedEnd }
            let byte = self.base[self.index]
            var ended = true
            switch byte {
            case 0x22:
                self.index &+= 1
                _ = try self.skipString()
            case 0x7B, 0x5B:
                guard depth < deepest else { throw .tooDeep }
                self.index &+= 1
                self.skipWhitespace()
                guard self.index < self.count else { throw .unexpectedEnd }
                if self.base[self.index] == byte &+ 2 {
                    self.index &+= 1
                } else {
                    guard members > 0 else { throw .tooManyMembers }
                    stack[depth] = byte == 0x7B ? object | 1 : 1
                    depth &+= 1
                    if byte == 0x7B { try self.skipKey() }
                    ended = false
                }
            default:
                try self.skipScalar()
            }
            while ended {
                guard depth > 0 else { return }
                self.skipWhitespace()
                guard self.index < self.count else { throw .unexpectedEnd }
                let state = stack[depth &- 1]
                let isObject = state & object != 0
                let next = self.base[self.index]
                if next == 0x2C {
                    guard state & ~object < members else { throw .tooManyMembers }
                    stack[depth &- 1] = state &+ 1
                    self.index &+= 1
                    self.skipWhitespace()
                    if isObject { try self.skipKey() }
                    ended = false
                } else if next == (isObject ? 0x7D : 0x5D) {
                    self.index &+= 1
                    depth &-= 1
                } else {
                    throw .expectedCommaOrEnd
                }
            }
        }
    }

    /// Passes a key, its colon and the whitespace up to the value.
    @inline(__always) private mutating func skipKey() throws(JSONSyntaxFault) {
        try self.take(0x22, else: .expectedKey)
        _ = try self.skipString()
        self.skipWhitespace()
        try self.take(0x3A, else: .expectedColon)
        self.skipWhitespace()
    }
}
