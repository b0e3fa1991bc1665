@testable import PondCore

/// An event stream reads the same whole and in pieces, and what is written of it reads as the same events.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data + 1, count: count - 1)
    let whole = events(bytes, by: bytes.count)
    precondition(whole == events(bytes, by: max(1, Int(data[0]))), "an event depends on its pieces")
    var written: [UInt8] = []
    for event in whole { SSEEncoder.append(event: event.name, data: event.data, id: event.lastID, to: &written) }
    let again = written.withUnsafeBytes { events($0, by: $0.count) }
    precondition(again.map(\.data) == whole.map(\.data), "writing and reading changed an event")
    return 0
}

private func events(_ bytes: UnsafeRawBufferPointer, by size: Int) -> [SSEEvent] {
    var decoder = SSEDecoder(maximumBytes: 2000)
    var events: [SSEEvent] = []
    do {
        for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
            var input = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + max(size, 1), bytes.count)])
            while let event = try decoder.next(&input) { events.append(event) }
        }
    } catch {}
    return events
}
