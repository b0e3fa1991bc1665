internal import Glibc

/// What a system call said went wrong.
package struct SystemError: Error, Sendable, Hashable {
    /// The `errno`.
    package let code: Int32

    package init(code: Int32) { self.code = code }

    package static let wouldBlock = SystemError(code: EAGAIN)
    package static let connectionReset = SystemError(code: ECONNRESET)
    package static let inProgress = SystemError(code: EINPROGRESS)
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let base = buffer.baseAddress else { return "errno \(self.code)" }
            base.initialize(repeating: 0, count: buffer.count)
            guard strerror_r(self.code, base, buffer.count) == 0 else { return "errno \(self.code)" }
            return String(cString: base)
        }
    }
}
