@testable import PondCore

/// Requests and responses read the same whole and in pieces; what the first byte says is how large the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data + 1, count: count - 1)
    let size = max(1, Int(data[0]))
    precondition(requests(bytes, by: bytes.count) == requests(bytes, by: size), "a request depends on its pieces")
    precondition(responses(bytes, by: bytes.count) == responses(bytes, by: size), "a response depends on its pieces")
    return 0
}

/// The heads and bodies of a stream, up to its first fault.
private func requests(_ bytes: UnsafeRawBufferPointer, by size: Int) -> [String] {
    var decoder = HTTPRequestDecoder(maximumHeadBytes: 1000, maximumFields: 20, maximumBodyBytes: 500)
    var parts: [String] = []
    var body: [UInt8] = []
    do {
        for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
            var input = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + max(size, 1), bytes.count)])
            while let part = try decoder.next(&input) {
                switch part {
                case .head(let head):
                    precondition(head.headers.count <= 20)
                    let again = HTTPEncoder.requestHead(head.method, target: head.path, headers: head.headers)
                    precondition(!again.isEmpty)
                    parts.append("\(head)")
                case .body(let bytes):
                    body.append(contentsOf: bytes)
                    precondition(body.count <= 500)
                case .end:
                    parts.append("\(body)")
                    body = []
                }
            }
        }
    } catch { parts.append("\(error)") }
    return parts
}

private func responses(_ bytes: UnsafeRawBufferPointer, by size: Int) -> [String] {
    var decoder = HTTPResponseDecoder(maximumHeadBytes: 1000, maximumFields: 20, maximumBodyBytes: nil)
    var parts: [String] = []
    var body: [UInt8] = []
    do {
        for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
            var input = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + max(size, 1), bytes.count)])
            while let part = try decoder.next(&input) {
                switch part {
                case .head(let head): parts.append("\(head)")
                case .body(let bytes): body.append(contentsOf: bytes)
                case .end:
                    parts.append("\(body)")
                    body = []
                }
            }
        }
    } catch { parts.append("\(error)") }
    return parts + ["\(body)"]
}
