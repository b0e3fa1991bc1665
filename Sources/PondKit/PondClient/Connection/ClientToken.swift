import PondCore
import PondNet
import PondRuntime

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

    /// Asks for the token, and gives the answer on the loop.
    func ask(on loop: EventLoop, _ answer: @escaping @Sendable (Result<String?, PondError>) -> Void) {
        Task(executorPreference: loop) {
            let result: Result<String?, PondError>
            do {
                result = .success(try await self.provide())
            } catch let error as PondError {
                result = .failure(error)
            } catch {
                result = .failure(
                    PondError(
                        code: 401,
                        kind: .unauthorized,
                        message: "No token to connect with",
                        temporary: true,
                        underlying: "\(error)"
                    )
                )
            }
            loop.execute { answer(result) }
        }
    }

    func apply(_ token: String, to target: inout ClientTarget) {
        switch self.place {
        case .query(let name): target.addQuery(name, token)
        case .bearer: target.headers["Authorization"] = "Bearer \(token)"
        case .header(let name): target.headers[name] = token
        }
    }
}
