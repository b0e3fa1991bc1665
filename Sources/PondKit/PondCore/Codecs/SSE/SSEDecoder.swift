/// Reads an event stream, as the WHATWG describes it, from pieces of any size.
package struct SSEDecoder {
    /// The stream is not one that fits its bound.
    package struct TooLarge: Error {}

    private enum State {
        /// Before the first line, where a byte order mark of up to three bytes is skipped; becomes `line`.
        case start
        /// Inside a line; becomes `afterReturn` at a carriage return.
        case line
        /// A line feed that comes now belongs to the line before; becomes `line`.
        case afterReturn
    }

    private var state = State.start
    private var line: [UInt8] = []
    private var name: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private let maximumBytes: Int

    /// The last id the stream gave.
    private(set) var lastID = ""
    /// How long to wait before connecting again, as the stream asked for.
    private(set) var retry: Duration?

    /// `maximumBytes` limits a line, and the data of one event.
    package init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// Takes bytes from the front of `input` until an event is complete; `nil` says that more are needed.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) throws(TooLarge) -> SSEEvent? {
        var taken = 0
        defer { input = UnsafeRawBufferPointer(rebasing: input[taken...]) }
        while taken < input.count {
            let byte = input[taken]
            taken += 1
            if byte == 0x0A, case .afterReturn = self.state {
                self.state = .line
                continue
            }
            if case .afterReturn = self.state { self.state = .line }
            if byte == 0x0A || byte == 0x0D {
                self.skipMark(atLineEnd: true)
                self.state = byte == 0x0D ? .afterReturn : .line
                if let event = try self.endOfLine() { return event }
            } else {
                guard self.line.count < self.maximumBytes else { throw TooLarge() }
                self.line.append(byte)
                self.skipMark(atLineEnd: false)
            }
        }
        return nil
    }

    /// Drops a byte order mark at the very beginning.
    private mutating func skipMark(atLineEnd: Bool) {
        guard case .start = self.state, atLineEnd || self.line.count == 3 else { return }
        if self.line == [0xEF, 0xBB, 0xBF] { self.line = [] }
        self.state = .line
    }

    private mutating func endOfLine() throws(TooLarge) -> SSEEvent? {
        defer { self.line.removeAll(keepingCapacity: self.line.count <= 4096) }
        guard !self.line.isEmpty else { return self.dispatch() }
        let colon = self.line.firstIndex(of: 0x3A) ?? self.line.endIndex
        guard colon > 0 else { return nil }
        var value = self.line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: self.line[..<colon], as: UTF8.self) {
        case "event":
            self.name = Array(value)
        case "data":
            guard self.data.count + value.count < self.maximumBytes + 1 else { throw TooLarge() }
            if self.hasData { self.data.append(0x0A) }
            self.data.append(contentsOf: value)
            self.hasData = true
        case "id":
            if !value.contains(0) { self.lastID = String(decoding: value, as: UTF8.self) }
        case "retry":
            let digits = value.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && !value.isEmpty && value.count <= 9
            if digits, let milliseconds = Int64(String(decoding: value, as: UTF8.self)) {
                self.retry = .milliseconds(milliseconds)
            }
        default:
            break
        }
        return nil
    }

    private mutating func dispatch() -> SSEEvent? {
        defer {
            self.name = []
            self.data = []
            self.hasData = false
        }
        guard self.hasData else { return nil }
        let name = self.name.isEmpty ? "message" : String(decoding: self.name, as: UTF8.self)
        return SSEEvent(name: name, data: self.data, lastID: self.lastID)
    }
}
