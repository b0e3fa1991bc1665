// sources: Sources/PondKit/PondNet/WebSocket/{ByteStore,Deflater,Inflater,WebSocketMachine}.swift
@testable import PondCore

/// Messages read the same whole and in pieces, compressed ones too; a text is UTF-8 and nothing passes its bound.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data + 2, count: count - 2))
    let takeover = data[1] & 1 == 1
    let whole = events(bytes, by: bytes.count, takeover: takeover)
    precondition(
        whole == events(bytes, by: max(1, Int(data[0])), takeover: takeover),
        "a message depends on its pieces"
    )
    return 0
}

private func events(_ bytes: [UInt8], by size: Int, takeover: Bool) -> [String] {
    var limits = Limits()
    limits.messageBytes = 1000
    limits.inflatedBytes = 3000
    limits.messageFragments = 10
    // The client's side, so that no mask stands between the fuzzer and what it wants to say.
    var machine = WebSocketMachine(
        role: .client,
        limits: limits,
        inflater: Inflater(windowBits: 15, takeover: takeover)
    )
    var events: [String] = []
    for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
        var piece = Array(bytes[start..<min(start + max(size, 1), bytes.count)])
        piece.withUnsafeMutableBytes { buffer in
            var input = buffer
            while true {
                switch machine.next(&input) {
                case .needMore:
                    precondition(input.isEmpty)
                    return
                case .message(let bytes, let isText):
                    precondition(bytes.count <= 3000 + limits.messageMarginBytes, "a message passed its bound")
                    precondition(!isText || String(validating: bytes, as: UTF8.self) != nil, "a text is no UTF-8")
                    events.append("message \(isText) \(Array(bytes))")
                case .ping(let bytes):
                    precondition(bytes.count <= 125)
                    events.append("ping \(Array(bytes))")
                case .pong: events.append("pong")
                case .closed(let code, let reason): events.append("closed \(code) \(reason)")
                case .failed(let fault): events.append("failed \(fault.code) \(fault.reason)")
                }
            }
        }
    }
    return events
}
