package import PondCore

extension PondError {
    /// The error of a handshake that the server answered with a status of its own.
    package init(declined status: Int, message: String, headers: HTTPHeaders) {
        let code = (400...599).contains(status) ? status : 502
        self.init(
            code: code,
            kind: PondError.kind(of: code),
            message: message.isEmpty ? "The server answered with status \(status)" : message,
            temporary: code == 408 || code == 429 || code >= 500,
            retryAfter: headers["Retry-After"].flatMap(Double.init).flatMap { $0 >= 0 ? $0 : nil }
        )
    }
}
