import PondKit

/// What the server answers besides its channels: is it alive, is it ready, how is it doing.
struct PlainRoutes: Sendable {
    let metrics: PrometheusMetrics
    /// What keeps the server from being ready; `nil` when nothing does.
    let obstacle: @Sendable () -> String?
    /// What is not as it should be though the server takes part; `nil` when all is well.
    let remark: @Sendable () -> String?
    /// Figures of the chat's own.
    let figures: @Sendable () -> String
    /// The addresses that may see the figures; nobody may by default.
    let metricsAddresses: @Sendable () -> [String]

    func answer(_ request: HTTPRequest) -> HTTPResponse? {
        switch request.path {
        case "/health": return self.onlyReading(request, .text("ok\n"))
        case "/ready":
            let obstacle = self.obstacle()
            return self.onlyReading(
                request,
                obstacle.map { .text("not ready: \($0)\n", status: 503) }
                    ?? .text(self.remark().map { "ready, but \($0)\n" } ?? "ready\n")
            )
        case "/metrics":
            guard self.maySeeFigures(request) else {
                return .text("Forbidden: the option metrics-from lists who may see the figures\n", status: 403)
            }
            let headers: HTTPHeaders = ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"]
            let text = self.metrics.text + self.figures()
            return self.onlyReading(request, HTTPResponse(status: 200, headers: headers, body: Array(text.utf8)))
        case "/": return self.onlyReading(request, .text("This is a Pond chat server. Connect to /socket?name=YOU\n"))
        default: return nil
        }
    }

    private func onlyReading(_ request: HTTPRequest, _ response: HTTPResponse) -> HTTPResponse {
        if request.method == "GET" { return response }
        if request.method == "HEAD" {
            return HTTPResponse(status: response.status, headers: response.headers)
        }
        return HTTPResponse(status: 405, headers: ["Allow": "GET, HEAD"])
    }

    /// Figures tell how much goes on. This machine is not allowed by itself, for a proxy on it may pass anybody's
    /// requests on without saying so.
    private func maySeeFigures(_ request: HTTPRequest) -> Bool {
        // A request that a proxy passed on is somebody else's, whatever the proxy's address.
        guard !Self.forwarding.contains(where: { request.headers[$0] != nil }) else { return false }
        return self.metricsAddresses().contains { AddressRange($0)?.contains(request.remoteAddress) == true }
    }

    private static let forwarding = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"]
}
