@testable import PondCore

/// Values read the same whole and in pieces, and what is written of them reads as the same values.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data + 1, count: count - 1)
    let whole = values(bytes, by: bytes.count)
    precondition("\(whole)" == "\(values(bytes, by: max(1, Int(data[0]))))", "a value depends on its pieces")
    var written: [UInt8] = []
    for value in whole { RESPEncoder.append(value, to: &written) }
    let again = written.withUnsafeBytes { values($0, by: $0.count) }
    precondition("\(again)" == "\(whole)", "writing and reading changed a value")
    return 0
}

private func values(_ bytes: UnsafeRawBufferPointer, by size: Int) -> [RESPValue] {
    var decoder = RESPDecoder(maximumBytes: 100_000, maximumDepth: 16)
    var values: [RESPValue] = []
    do {
        for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
            var input = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + max(size, 1), bytes.count)])
            while let value = try decoder.next(&input) { values.append(value) }
        }
    } catch {}
    return values
}
