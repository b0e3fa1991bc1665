/// The negotiation of message compression, RFC 7692, for both sides.
enum PerMessageDeflate {
    private static let name = "permessage-deflate"

    /// One offer or answer: its parameters by name, a value of `nil` where there is none.
    private typealias Terms = [String: String?]

    /// The first offer that this server can meet, and the header that accepts it.
    static func answer(
        offers headers: HTTPHeaders,
        options: DeflateOptions
    ) -> (parameters: DeflateParameters, header: String)? {
        for offer in self.extensions(headers) {
            if let terms = offer, let answer = self.answer(to: terms, options: options) { return answer }
        }
        return nil
    }

    private static func answer(
        to offer: Terms,
        options: DeflateOptions
    ) -> (parameters: DeflateParameters, header: String)? {
        var agreed = DeflateParameters()
        var header = self.name
        for (name, value) in offer {
            switch (name, value) {
            case ("server_no_context_takeover", nil):
                agreed.serverNoContextTakeover = true
            case ("client_no_context_takeover", nil):
                agreed.clientNoContextTakeover = true
            case ("server_max_window_bits", .some(let value)):
                // zlib cannot write a raw stream with a window of 2^8.
                guard let bits = self.windowBits(value), bits >= 9 else { return nil }
                agreed.serverMaxWindowBits = bits
            case ("client_max_window_bits", .some(let value)):
                guard let bits = self.windowBits(value) else { return nil }
                agreed.clientMaxWindowBits = bits
            case ("client_max_window_bits", nil):
                break
            default:
                return nil
            }
        }
        if !options.serverContextTakeover { agreed.serverNoContextTakeover = true }
        if !options.clientContextTakeover { agreed.clientNoContextTakeover = true }
        agreed.serverMaxWindowBits = min(agreed.serverMaxWindowBits, options.serverMaxWindowBits)
        if agreed.serverNoContextTakeover { header += "; server_no_context_takeover" }
        if agreed.clientNoContextTakeover { header += "; client_no_context_takeover" }
        if agreed.serverMaxWindowBits < 15 { header += "; server_max_window_bits=\(agreed.serverMaxWindowBits)" }
        // A server may narrow the client's window only when the client said that it understands.
        if offer["client_max_window_bits"] != nil {
            agreed.clientMaxWindowBits = min(agreed.clientMaxWindowBits, options.clientMaxWindowBits)
            if agreed.clientMaxWindowBits < 15 { header += "; client_max_window_bits=\(agreed.clientMaxWindowBits)" }
        }
        return (agreed, header)
    }

    /// What a client with these options asks for.
    static func offer(_ options: DeflateOptions) -> String {
        var header = self.name
        if !options.serverContextTakeover { header += "; server_no_context_takeover" }
        if !options.clientContextTakeover { header += "; client_no_context_takeover" }
        if options.serverMaxWindowBits < 15 { header += "; server_max_window_bits=\(options.serverMaxWindowBits)" }
        header += "; client_max_window_bits"
        if options.clientMaxWindowBits < 15 { header += "=\(options.clientMaxWindowBits)" }
        return header
    }

    /// Checks a server's answer against what a client with these options asked for.
    static func check(answer headers: HTTPHeaders, options: DeflateOptions?) throws(HTTPFault) -> DeflateParameters? {
        let refusal = HTTPFault(502, "Extension terms that were not asked for")
        guard headers.contains("Sec-WebSocket-Extensions") else { return nil }
        let answers = self.extensions(headers)
        guard let options, answers.count == 1, let terms = answers[0] else { throw refusal }
        var agreed = DeflateParameters()
        for (name, value) in terms {
            switch (name, value) {
            case ("server_no_context_takeover", nil):
                agreed.serverNoContextTakeover = true
            case ("client_no_context_takeover", nil):
                agreed.clientNoContextTakeover = true
            case ("server_max_window_bits", .some(let value)):
                guard let bits = self.windowBits(value) else { throw refusal }
                agreed.serverMaxWindowBits = bits
            case ("client_max_window_bits", .some(let value)):
                guard let bits = self.windowBits(value), bits >= 9 else { throw refusal }
                agreed.clientMaxWindowBits = bits
            default:
                throw refusal
            }
        }
        guard agreed.serverMaxWindowBits <= options.serverMaxWindowBits,
            options.serverContextTakeover || agreed.serverNoContextTakeover
        else { throw refusal }
        // A client may always do with less than the server would bear.
        if !options.clientContextTakeover { agreed.clientNoContextTakeover = true }
        agreed.clientMaxWindowBits = min(agreed.clientMaxWindowBits, options.clientMaxWindowBits)
        return agreed
    }

    /// Every element of the extensions fields; `nil` for another extension or for terms that say a thing twice.
    private static func extensions(_ headers: HTTPHeaders) -> [Terms?] {
        headers.list("Sec-WebSocket-Extensions").map { element in
            let parts = element.split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmingHTTPSpace() }
            guard let name = parts.first, HTTPHeaders.equal(name, self.name) else { return nil }
            var terms: Terms = [:]
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let key = pair.first.map { $0.trimmingHTTPSpace().lowercased() } ?? ""
                guard terms[key] == nil else { return nil }
                terms.updateValue(pair.count == 2 ? self.unquoted(pair[1].trimmingHTTPSpace()) : nil, forKey: key)
            }
            return terms
        }
    }

    private static func unquoted(_ value: Substring) -> String {
        guard value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") else { return String(value) }
        return String(value.dropFirst().dropLast())
    }

    private static func windowBits(_ text: String) -> Int? {
        switch text {
        case "8": 8
        case "9": 9
        case "10": 10
        case "11": 11
        case "12": 12
        case "13": 13
        case "14": 14
        case "15": 15
        default: nil
        }
    }
}
