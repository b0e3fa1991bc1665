@testable import PondCore

/// Frames read the same whole and in pieces, and writing them again gives the bytes they were read from.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
    let whole = decode(bytes, by: bytes.count)
    precondition(whole.frames == decode(bytes, by: max(1, Int(data[0]))).frames, "a frame depends on its pieces")
    var again: [UInt8] = []
    for frame in whole.frames {
        again += WebSocketFrameEncoder.frame(
            frame.header.opcode,
            frame.payload,
            isFinal: frame.header.isFinal,
            isCompressed: frame.header.isCompressed
        )
    }
    precondition(bytes.starts(with: again), "what is written is not what was read")
    return 0
}

private struct Decoded: Equatable {
    struct Frame: Equatable {
        let header: WebSocketFrameHeader
        let payload: [UInt8]
    }
    var frames: [Frame] = []
}

/// The whole frames of a stream as a client reads them, up to the first fault.
private func decode(_ bytes: [UInt8], by size: Int) -> Decoded {
    var decoder = WebSocketFrameDecoder(role: .client, allowsCompression: true)
    var decoded = Decoded()
    var header: WebSocketFrameHeader?
    var payload: [UInt8] = []
    do {
        for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
            var piece = Array(bytes[start..<min(start + max(size, 1), bytes.count)])
            try piece.withUnsafeMutableBytes { buffer in
                var input = buffer
                while let part = try decoder.next(&input) {
                    switch part {
                    case .header(let next): header = next
                    case .payload(let bytes, let isLast):
                        payload.append(contentsOf: bytes)
                        guard isLast, let whole = header else { continue }
                        precondition(UInt64(payload.count) == whole.length)
                        decoded.frames.append(Decoded.Frame(header: whole, payload: payload))
                        payload = []
                    }
                }
            }
        }
    } catch {}
    return decoded
}
