/// What went wrong, where, and whether trying again can help.
public struct PondError: Error, Sendable, Hashable {
    /// The HTTP-like status: 400, 401, 403, 404, 409, 413, 429, 500, 503, 504.
    public var code: Int
    /// What kind of fault it is.
    public var kind: Kind
    /// What happened, in words that may be shown to a peer.
    public var message: String
    /// The channel it happened in.
    public var channel: String?
    /// Whether the same attempt may succeed later.
    public var temporary: Bool
    /// Seconds after which to try again, where that is known.
    public var retryAfter: Double?
    /// Details for the log only; never sent to a peer.
    public var underlying: String?

    /// The kind of a fault; new kinds may be added without breaking a caller.
    public struct Kind: Sendable, Hashable {
        private enum Name: String {
            case badRequest, unauthorized, forbidden, notFound, conflict, tooLarge, rateLimited, internalError,
                unavailable, timeout, closed, invalidMessage, transport, presence
        }
        private let name: Name

        /// A request that makes no sense.
        public static let badRequest = Kind(name: .badRequest)
        /// The caller is not authenticated.
        public static let unauthorized = Kind(name: .unauthorized)
        /// The caller is authenticated and not allowed to do this.
        public static let forbidden = Kind(name: .forbidden)
        /// What was named does not exist.
        public static let notFound = Kind(name: .notFound)
        /// It contradicts what is.
        public static let conflict = Kind(name: .conflict)
        /// More than a limit allows.
        public static let tooLarge = Kind(name: .tooLarge)
        /// More often than a limit allows.
        public static let rateLimited = Kind(name: .rateLimited)
        /// A fault of this side.
        public static let internalError = Kind(name: .internalError)
        /// This side cannot now.
        public static let unavailable = Kind(name: .unavailable)
        /// No answer in time.
        public static let timeout = Kind(name: .timeout)
        /// The channel or connection is over.
        public static let closed = Kind(name: .closed)
        /// Bytes that are not a message.
        public static let invalidMessage = Kind(name: .invalidMessage)
        /// The network or what carries messages failed.
        public static let transport = Kind(name: .transport)
        /// A presence tracked twice, not at all, or too large.
        public static let presence = Kind(name: .presence)
    }

    /// An error with all its parts.
    public init(
        code: Int,
        kind: Kind,
        message: String,
        channel: String? = nil,
        temporary: Bool = false,
        retryAfter: Double? = nil,
        underlying: String? = nil
    ) {
        self.code = code
        self.kind = kind
        self.message = message
        self.channel = channel
        self.temporary = temporary
        self.retryAfter = retryAfter
        self.underlying = underlying
    }
}

extension PondError.Kind: CustomStringConvertible {
    public var description: String { self.name.rawValue }
}

extension PondError: CustomStringConvertible {
    public var description: String {
        let place = self.channel.map { " in \($0)" } ?? ""
        let cause = self.underlying.map { " (\($0))" } ?? ""
        return "\(self.code) \(self.kind)\(place): \(self.message)\(cause)"
    }
}

extension PondError {
    /// 400: a request that makes no sense.
    public static func badRequest(_ message: String) -> PondError {
        PondError(code: 400, kind: .badRequest, message: message)
    }

    /// 401: the caller is not authenticated.
    public static func unauthorized(_ message: String) -> PondError {
        PondError(code: 401, kind: .unauthorized, message: message)
    }

    /// 403: the caller is authenticated and not allowed to do this.
    public static func forbidden(_ message: String) -> PondError {
        PondError(code: 403, kind: .forbidden, message: message)
    }

    /// 404: what was named does not exist.
    public static func notFound(_ message: String) -> PondError {
        PondError(code: 404, kind: .notFound, message: message)
    }

    /// 409: it contradicts what is.
    public static func conflict(_ message: String) -> PondError {
        PondError(code: 409, kind: .conflict, message: message)
    }

    /// 429: more often than a limit allows.
    public static func rateLimited(_ message: String, retryAfter seconds: Double) -> PondError {
        PondError(code: 429, kind: .rateLimited, message: message, temporary: true, retryAfter: seconds)
    }

    /// 500: a fault of this side.
    public static func internalError(_ message: String) -> PondError {
        PondError(code: 500, kind: .internalError, message: message)
    }

    /// 503: this side cannot now.
    public static func unavailable(_ message: String) -> PondError {
        PondError(code: 503, kind: .unavailable, message: message, temporary: true)
    }

    /// 504: no answer in time.
    public static func timeout(_ message: String) -> PondError {
        PondError(code: 504, kind: .timeout, message: message, temporary: true)
    }
}

extension PondError {
    /// The kind of an error that a status code alone tells of.
    package static func kind(of code: Int) -> Kind {
        switch code {
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 408, 504: .timeout
        case 409: .conflict
        case 413: .tooLarge
        case 429: .rateLimited
        case 503: .unavailable
        case 400..<500: .badRequest
        default: .internalError
        }
    }
}
