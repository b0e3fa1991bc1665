internal import CPondSys
internal import Glibc
package import PondCore

/// Tells when the process is asked to end, with SIGTERM or Ctrl-C.
///
/// It uses signal handlers, so that it works in a program whose threads run already. After the first such signal the
/// earlier handlers are back, so that a second Ctrl-C ends a process that is still closing its connections.
package enum EndSignals {
    /// Ends a watch when it is stopped.
    package struct Watch: Sendable {
        fileprivate let id: UInt64

        package func stop() { EndSignals.stop(self.id) }
    }

    private struct State {
        var bodies: [UInt64: @Sendable () -> Void] = [:]
        var nextID: UInt64 = 0
        /// The writing end of the pipe that the handlers write to; `nil` while nothing is watched.
        var pipe: Int32?
    }

    private static let state = Lock(State())

    /// Calls `body` once, on a thread of its own, when the process is asked to end.
    package static func watch(_ body: @escaping @Sendable () -> Void) throws(PondError) -> Watch {
        try self.state.withLock { state throws(PondError) in
            if state.pipe == nil { state.pipe = try self.begin() }
            state.nextID += 1
            state.bodies[state.nextID] = body
            return Watch(id: state.nextID)
        }
    }

    private static func stop(_ id: UInt64) {
        self.state.withLock { state in
            guard state.bodies.removeValue(forKey: id) != nil, state.bodies.isEmpty else { return }
            self.end(&state)
        }
    }

    /// Installs the handlers and starts the thread that waits for them; gives the writing end of their pipe.
    private static func begin() throws(PondError) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pond_pipe(&ends) == 0 else {
            throw PondError.internalError("SIGTERM and SIGINT cannot be watched: no more descriptors")
        }
        let (reader, writer) = (ends[0], ends[1])
        let started = System.startThread(named: "pond-signals") {
            if self.wait(for: reader) { self.signalled(writer) }
            System.close(reader)
        }
        guard started else {
            System.close(reader)
            System.close(writer)
            throw PondError.internalError("SIGTERM and SIGINT cannot be watched: no more threads")
        }
        pond_end_signals_begin(writer)
        return writer
    }

    /// Gives the handlers back and ends the thread.
    private static func end(_ state: inout State) {
        guard let pipe = state.pipe else { return }
        pond_end_signals_end()
        System.close(pipe)
        state.pipe = nil
    }

    /// Waits for a byte of a handler; false at the end of the watch, which closes the pipe.
    private static func wait(for reader: Int32) -> Bool {
        var watched = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        while poll(&watched, 1, -1) < 0 { guard errno == EINTR else { return false } }
        var byte: UInt8 = 0
        return read(reader, &byte, 1) == 1
    }

    private static func signalled(_ writer: Int32) {
        let bodies = self.state.withLock { state in
            // Another watch may have begun with a pipe of its own.
            guard state.pipe == writer else { return [UInt64: @Sendable () -> Void]() }
            self.end(&state)
            defer { state.bodies = [:] }
            return state.bodies
        }
        for body in bodies.values { body() }
    }
}
