internal import Glibc
public import PondCore
import PondRuntime

/// An outbox in one file, which only its owner can read.
///
/// ```swift
/// options.outbox = try FileOutboxStore("/home/ann/.local/state/poll/outbox")
/// ```
///
/// Every change is appended to the file before its message is sent, so that a process may be killed at any moment. The
/// file is not synchronised with the disk: a power failure can lose the last seconds. The file holds the messages, the
/// position of each channel and the token of the session; the server recognises a message that it handled before.
public final class FileOutboxStore: OutboxStore {
    private struct State {
        var descriptor: Int32
        var stored: StoredOutbox
        var bytes: Int
        /// The size of the file when it was last rewritten.
        var rewrittenBytes: Int
        /// Whether the last line may have been written in part.
        var isTorn = false
    }

    /// How many lines of the file could not be read when it was opened.
    public let damagedLines: Int
    /// Where a file was moved to that is not an outbox; `nil` where none was there.
    public let movedAside: String?
    private let path: String
    private let maximumBytes: Int
    private let lock: Int32
    private let state: Lock<State>

    /// More than this is never kept, whatever the program asks for.
    private static let largestMaximum = 1 << 40

    /// The longest file that is not rewritten to save space.
    private static let keptBytes = 64 * 1024

    /// Opens the file, or creates it. Throws where another process uses it, and where it cannot be read and written.
    ///
    /// A file that is not an outbox is moved to `path` with `.damaged` appended. A change that would make the file
    /// larger than `maximumBytes` is not stored.
    public init(_ path: String, maximumBytes: Int = 4 * 1024 * 1024) throws(PondError) {
        self.path = path
        self.maximumBytes = min(max(OutboxLog.head.count, maximumBytes), Self.largestMaximum)
        let lock = try Self.lock(path)
        self.lock = lock
        do throws(PondError) {
            let found = try Self.open(path, upTo: 2 * self.maximumBytes + Self.keptBytes)
            self.movedAside = found.movedAside
            self.damagedLines = found.damaged
            self.state = Lock(State(descriptor: -1, stored: found.state, bytes: 0, rewrittenBytes: 0))
        } catch {
            close(lock)
            throw error
        }
        // This drops a line that was cut off, so that the next line begins where a line begins.
        try self.state.withLock { (state) throws(PondError) in try self.rewrite(&state) }
    }

    deinit {
        self.state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
        close(self.lock)
    }

    public func load() throws(PondError) -> StoredOutbox { self.state.withLock { $0.stored } }

    public func store(_ changes: [OutboxChange]) throws(PondError) {
        try self.state.withLock { (state) throws(PondError) in
            var lines: [UInt8] = []
            for change in changes {
                state.stored.apply(change)
                lines += OutboxLog.line(change)
            }
            if state.isTorn || state.bytes + lines.count > max(Self.keptBytes, 2 * state.rewrittenBytes) {
                let file = OutboxLog.file(state.stored)
                if file.count > self.maximumBytes {
                    // What does not fit is not kept, and what was kept before stays.
                    for case .added(let message, let channel) in changes {
                        state.stored.apply(.removed(id: message.id, channel: channel))
                    }
                    let message = "The outbox \(self.path) is full: \(self.maximumBytes) bytes"
                    throw PondError(code: 413, kind: .tooLarge, message: message)
                }
                return try self.rewrite(&state)
            }
            guard Self.write(lines, to: state.descriptor) else {
                state.isTorn = true
                throw Self.failed("write", self.path)
            }
            state.bytes += lines.count
        }
    }

    /// Replaces the file by the shortest one of the same state, in one step.
    private func rewrite(_ state: inout State) throws(PondError) {
        let file = OutboxLog.file(state.stored)
        let new = self.path + ".new"
        let descriptor = Glibc.open(new, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failed("open", new) }
        guard fchmod(descriptor, 0o600) == 0, Self.write(file, to: descriptor), fsync(descriptor) == 0,
            rename(new, self.path) == 0
        else {
            let error = Self.failed("write", new)
            close(descriptor)
            unlink(new)
            throw error
        }
        if state.descriptor >= 0 { close(state.descriptor) }
        state.descriptor = descriptor
        state.bytes = file.count
        state.rewrittenBytes = file.count
        state.isTorn = false
    }

    /// Takes the file for this process, until the descriptor is closed.
    private static func lock(_ path: String) throws(PondError) -> Int32 {
        let lock = Glibc.open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw Self.failed("open", path + ".lock") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            let message = "The outbox \(path) is in use by another process; give each client its own"
            throw PondError(code: 409, kind: .conflict, message: message)
        }
        return lock
    }

    /// Reads the file, or moves it aside where it is not an outbox.
    private static func open(
        _ path: String,
        upTo limit: Int
    ) throws(PondError) -> (state: StoredOutbox, damaged: Int, movedAside: String?) {
        let bytes = try Self.contents(path, upTo: limit)
        var limits = Limits.default
        limits.jsonDepth = .max
        limits.jsonKeys = .max
        if let read = OutboxLog.read(bytes, limits: limits) { return (read.state, read.damaged, nil) }
        let aside = path + ".damaged"
        guard rename(path, aside) == 0 else { throw Self.failed("rename", path) }
        return (StoredOutbox(), 0, aside)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    private static func contents(_ path: String, upTo limit: Int) throws(PondError) -> [UInt8] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw Self.failed("open", path)
        }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while contents.count <= limit {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failed("read", path) }
            if count == 0 { return contents }
            contents += piece[..<count]
        }
        throw PondError(code: 413, kind: .tooLarge, message: "The outbox \(path) is larger than \(limit) bytes")
    }

    private static func failed(_ call: String, _ path: String) -> PondError {
        let reason = String(cString: strerror(errno))
        return PondError(code: 503, kind: .unavailable, message: "The outbox \(path): \(call) failed: \(reason)")
    }
}
