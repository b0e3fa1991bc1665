internal import CPondTLS

/// What OpenSSL said went wrong.
struct TLSFault: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Takes what this thread's error queue holds; the first entry names the cause.
    static func fromQueue(during what: String) -> TLSFault {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return TLSFault(what) }
        return TLSFault("\(what): \(String(cString: reason))")
    }
}
