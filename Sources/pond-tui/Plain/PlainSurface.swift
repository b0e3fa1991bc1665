/// The chat on standard input and output, line by line and without a single escape.
final class PlainSurface: Surface {
    private var printer: PlainPrinter
    private var rest: [UInt8] = []

    init(isJSON: Bool) { self.printer = PlainPrinter(isJSON: isJSON) }

    var isScreen: Bool { false }
    var hasPendingInput: Bool { false }
    var blockedOutput: Int32? { nil }
    func flushOutput() {}

    func events(from bytes: [UInt8]) -> [Event] {
        self.rest.append(contentsOf: bytes)
        var events: [Event] = []
        while let end = self.rest.firstIndex(of: 0x0A) {
            events.append(.line(Self.line(self.rest[..<end])))
            self.rest.removeFirst(end + 1)
        }
        // A line without an end is said in pieces.
        if self.rest.count > 1 << 20 { events += self.flushInput() }
        return events
    }

    /// A last line without its end.
    func flushInput() -> [Event] {
        guard !self.rest.isEmpty else { return [] }
        defer { self.rest = [] }
        return [.line(Self.line(self.rest[...]))]
    }

    func show(_ model: Model) {
        let lines = self.printer.lines(model)
        if !lines.isEmpty { StandardOutput.write(lines.joined(separator: "\n") + "\n") }
    }

    func resized() -> Size? { nil }
    func perform(_ effect: Effect, _ model: Model) -> [Event] {
        if case .bare(let lines) = effect { StandardOutput.write(lines.joined(separator: "\n") + "\n") }
        return []
    }
    func leave() {}

    private static func line(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.last == 0x0D ? bytes.dropLast() : bytes, as: UTF8.self)
    }
}
