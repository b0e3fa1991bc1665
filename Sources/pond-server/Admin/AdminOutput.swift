import Glibc
import PondKit

/// Where the answer to a command goes: lines, each beginning with `+` for text or `-` for a failure.
final class AdminOutput: Sendable {
    private let descriptor: Int32
    private let isOpen = Lock(true)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// One line of the answer.
    func line(_ text: String) { self.send("+\(Self.oneLine(text))\n") }

    /// The command failed.
    func fail(_ message: String) { self.send("-\(Self.oneLine(message))\n") }

    /// Whether somebody still listens.
    var isWanted: Bool { self.isOpen.withLock { $0 } }

    func end() {
        self.isOpen.withLock { $0 = false }
        close(self.descriptor)
    }

    private func send(_ text: String) {
        self.isOpen.withLock { isOpen in
            if isOpen { isOpen = UnixSocket.write(self.descriptor, text) }
        }
    }

    private static func oneLine(_ text: String) -> String {
        text.contains(where: \.isNewline) ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
    }
}
