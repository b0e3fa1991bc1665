import PondCore

/// What pages of other origins may do and read.
extension HTTPExchange {
    func preflight() {
        guard self.settings.pond.options.allowedOrigins.allows(self.head.headers) else {
            return self.refuse(403, "Origin not allowed")
        }
        var headers = self.originFields
        headers.add("Allow", "GET, POST, DELETE, OPTIONS")
        if self.head.headers.contains("Origin") {
            headers.add("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS")
            headers.add(
                "Access-Control-Allow-Headers",
                "Authorization, Cache-Control, Content-Type, Last-Event-ID, Pond-Session, X-Connection-ID"
            )
            headers.add("Access-Control-Max-Age", "600")
        }
        self.connection.answer(HTTPResponse(status: 204, headers: headers))
    }

    /// What lets a page of an allowed origin read the answer.
    var originFields: HTTPHeaders {
        let allowed = self.settings.pond.options.allowedOrigins
        guard let origin = self.head.headers["Origin"], allowed.allows(self.head.headers) else { return [:] }
        var fields: HTTPHeaders = [
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "X-Connection-ID",
            "Vary": "Origin",
        ]
        // With cookies only where the origins were named: else any page could act for whoever looks at it.
        if case .these = allowed { fields.add("Access-Control-Allow-Credentials", "true") }
        return fields
    }
}
