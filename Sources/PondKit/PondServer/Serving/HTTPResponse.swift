public import PondCore

/// The answer to a plain HTTP request.
public struct HTTPResponse: Sendable, Hashable {
    /// The status code.
    public var status: Int
    /// Fields beside those that say how long the body is.
    public var headers: HTTPHeaders
    /// The body.
    public var body: [UInt8]

    /// A response with all its parts.
    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response of plain text.
    public static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }
}
