import PondCore
import PondNet

/// A secret that is asked for on every attempt to connect, so that an expired one is never used twice.
///
/// ```swift
/// options.token = ClientToken { try await session.freshToken() }
/// ```
public struct ClientToken: Sendable {
    /// Where a token travels.
    public enum Place: Sendable, Hashable {
        /// In the query, under this name.
        case query(String)
        /// In the `Authorization` header, as `Bearer`.
        case bearer
        /// In this header.
        case header(String)
    }

    /// Where it travels.
    public var place: Place
    /// Where it comes from; `nil` sends none.
    public var provide: @Sendable () async throws -> String?

    /// A token from `provide`, sent in `place`.
    public init(in place: Place = .query("token"), provide: @escaping @Sendable () async throws -> String?) {
        self.place = place
        self.provide = provide
    }

    func apply(_ token: String, to target: inout ClientTarget) {
        switch self.place {
        case .query(let name): target.addQuery(name, token)
        case .bearer: target.headers["Authorization"] = "Bearer \(token)"
        case .header(let name): target.headers[name] = token
        }
    }
}
