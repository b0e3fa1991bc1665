import PondKit
import Testing

@testable import PondCore
@testable import PondServer
@testable import pond_server

@Suite struct PlainRoutesTests {
    private func answer(
        _ path: String,
        method: String = "GET",
        from address: String = "127.0.0.1",
        headers: HTTPHeaders = [:],
        obstacle: String? = nil,
        remark: String? = nil,
        figuresFor: [String] = []
    ) -> HTTPResponse? {
        let routes = PlainRoutes(
            metrics: PrometheusMetrics(),
            obstacle: { obstacle },
            remark: { remark },
            figures: { "pond_chat_users 7\n" },
            metricsAddresses: { figuresFor }
        )
        return routes.answer(
            HTTPRequest(method: method, path: path, query: [:], headers: headers, remoteAddress: address, body: [])
        )
    }

    private func text(_ response: HTTPResponse?) -> String { String(decoding: response?.body ?? [], as: UTF8.self) }

    @Test("Health says that the process lives; readiness says why it cannot serve")
    func health() {
        #expect(self.answer("/health", obstacle: "the store: full")?.status == 200)
        #expect(self.answer("/ready")?.status == 200)
        let refused = self.answer("/ready", obstacle: "the store: full")
        #expect(refused?.status == 503 && self.text(refused) == "not ready: the store: full\n")
        let alone = self.answer("/ready", remark: "the other servers cannot be reached")
        #expect(alone?.status == 200 && self.text(alone) == "ready, but the other servers cannot be reached\n")
    }

    @Test("Only reading is allowed, and HEAD has no body")
    func methods() {
        #expect(self.answer("/health", method: "HEAD")?.body == [])
        let refused = self.answer("/health", method: "POST")
        #expect(refused?.status == 405 && refused?.headers["Allow"] == "GET, HEAD")
    }

    @Test(
        arguments: [
            ("127.0.0.1", [:], [], 403), ("::1", [:], [], 403), ("127.0.0.1", [:], ["127.0.0.1"], 200),
            ("10.1.2.3", [:], ["10.0.0.0/8"], 200), ("10.1.2.3", [:], ["10.1.2.4"], 403),
            ("127.0.0.1", ["X-Forwarded-For": "8.8.8.8"], ["127.0.0.1"], 403),
            ("127.0.0.1", ["X-Real-IP": "8.8.8.8"], ["127.0.0.1"], 403),
        ] as [(String, HTTPHeaders, [String], Int)]
    )
    func showsFiguresToListedAddressesOnly(
        _ address: String,
        _ headers: HTTPHeaders,
        _ listed: [String],
        _ status: Int
    ) {
        let response = self.answer("/metrics", from: address, headers: headers, figuresFor: listed)
        #expect(response?.status == status)
        #expect(self.text(response).contains("pond_chat_users 7") == (status == 200))
    }

    @Test("Other paths are somebody else's")
    func others() { #expect(self.answer("/socket") == nil && self.answer("/healthy") == nil) }
}
