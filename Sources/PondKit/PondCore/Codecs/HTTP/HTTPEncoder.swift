/// Writes heads of requests and responses; nothing in a field can end its line early.
package enum HTTPEncoder {
    /// A response with a body and its length.
    package static func response(_ status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) -> [UInt8] {
        var headers = headers
        if status != 204, status != 304 { headers["Content-Length"] = String(body.count) }
        return self.responseHead(status, headers: headers) + body
    }

    /// The head of a response, with the empty line that ends it.
    package static func responseHead(_ status: Int, headers: HTTPHeaders) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: "HTTP/1.1 ".utf8)
        bytes.append(contentsOf: String(status).utf8)
        bytes.append(0x20)
        bytes.append(contentsOf: self.phrase(status).utf8)
        bytes.append(0x0D)
        bytes.append(0x0A)
        self.append(headers, to: &bytes)
        return bytes
    }

    /// The head of a request, with the empty line that ends it.
    package static func requestHead(_ method: String, target: String, headers: HTTPHeaders) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        self.append(method, to: &bytes) { HTTPHeadDecoder.isTokenByte($0) }
        bytes.append(0x20)
        self.append(target, to: &bytes) { $0 > 0x20 && $0 < 0x7F }
        bytes.append(contentsOf: " HTTP/1.1\r\n".utf8)
        self.append(headers, to: &bytes)
        return bytes
    }

    private static func append(_ headers: HTTPHeaders, to bytes: inout [UInt8]) {
        headers.write(to: &bytes)
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    /// Leaves out the bytes that would break the line.
    private static func append(_ text: String, to bytes: inout [UInt8], keep: (UInt8) -> Bool) {
        for byte in text.utf8 where keep(byte) { bytes.append(byte) }
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
