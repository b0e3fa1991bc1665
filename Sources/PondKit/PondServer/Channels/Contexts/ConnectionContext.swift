public import PondCore
import PondRuntime

/// A request for a connection, which an endpoint's connection handler accepts or declines.
///
/// A handler that does neither declines with 401; one that throws, with 500 or the status of its `PondError`.
public final class ConnectionContext {
    /// The request's header fields.
    public let headers: HTTPHeaders
    /// The query's values by name.
    public private(set) lazy var query = self.request.query
    private let request: ConnectionRequest
    /// What the endpoint's path pattern captured.
    public let params: [String: String]
    /// What a `*` in the endpoint's path captured.
    public let wildcard: String?
    /// The path that was asked for.
    public let path: String
    /// The client's address; of requests through a trusted proxy, the one that the proxy reports.
    public let address: String
    /// What will carry the messages.
    public let transport: TransportKind
    /// The assigns that the client's channels start with; steps before the handler may add to them.
    public private(set) var assigns: JSONObject = [:]
    private(set) var decision: Decision?
    private(set) var replies: [Frame] = []
    private let log: any PondLog
    private let outgoingBytes: Int
    private let loop: EventLoop

    enum Decision {
        case accepted(userId: String)
        case declined(PondError)
    }

    init(_ request: ConnectionRequest, match: RouteMatch, core: ServerCore, loop: EventLoop) {
        self.headers = request.headers
        self.request = request
        self.params = match.params
        self.wildcard = match.wildcard
        self.path = request.path
        self.transport = request.kind
        self.address = core.proxies.address(
            of: request.remoteAddress,
            forwardedFor: request.headers.values("X-Forwarded-For")
        )
        self.log = core.options.log
        self.outgoingBytes = core.options.limits.outgoingMessageBytes
        self.loop = loop
    }

    /// The cookies that the request carries.
    public var cookies: [String: String] {
        var cookies: [String: String] = [:]
        for header in self.headers.values("Cookie") {
            for pair in header.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(
                    separator: "=",
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                guard parts.count == 2, cookies[String(parts[0])] == nil else { continue }
                var value = parts[1]
                if value.count > 1, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
                cookies[String(parts[0])] = String(value)
            }
        }
        return cookies
    }

    /// Whether the client was accepted.
    public var isAccepted: Bool { self.userId != nil }

    /// Whether the client was refused.
    public var isDeclined: Bool {
        if case .declined? = self.decision { true } else { false }
    }

    /// The public user id with which the client was accepted; `nil` before that.
    public var userId: String? {
        if case .accepted(let userId)? = self.decision { userId } else { nil }
    }

    /// Merges members into the assigns of the client, which its channels start with.
    public func assign(_ assigns: JSONObject) {
        self.checkLoop()
        self.assigns = self.assigns.merging(assigns)
    }

    /// Accepts the client under a user id (random by default), with `assigns` for its channels.
    public func accept(assigns: JSONObject = [:], userId: String? = nil) {
        if self.decide(.accepted(userId: userId ?? PondID.uuid())) { self.assign(assigns) }
    }

    /// Refuses the client with an HTTP status from 400 to 599 and a message, which becomes the answer's body.
    ///
    /// `retryAfter` seconds become the answer's `Retry-After` header.
    public func decline(_ code: Int = 401, _ message: String = "Unauthorized", retryAfter seconds: Double? = nil) {
        let code = (400...599).contains(code) ? code : 500
        self.decide(.declined(PondError(declining: code, message, retryAfter: seconds)))
    }

    /// Sends an event right after the greeting, if the client is accepted.
    ///
    /// One that is larger than `Limits.outgoingMessageBytes` is not sent, and the log says so.
    public func reply(_ event: String, _ payload: Payload = .empty) {
        self.checkLoop()
        let frame = ServerFrames.gateway(.system, event, payload)
        guard frame.text.count <= self.outgoingBytes else {
            let error = PondError.tooLarge(event, in: self.path, bytes: frame.text.count, limit: self.outgoingBytes)
            return self.log.log(.error, "a reply of a connection handler was refused: \(error)")
        }
        self.replies.append(frame)
    }

    private func checkLoop() {
        precondition(
            self.loop.isSafeHere,
            """
            a connection context for \(self.path) is used on another thread than its handler's; decide before the \
            handler ends, without a Task of your own
            """
        )
    }

    @discardableResult
    private func decide(_ decision: Decision) -> Bool {
        self.checkLoop()
        guard self.decision == nil else {
            self.log.log(.warning, "a connection handler for \(self.path) decided twice; the first holds")
            return false
        }
        self.decision = decision
        return true
    }
}
