@testable import PondCore

/// The input's first line is a pattern, the rest a path: no pair traps, and a pattern without captures takes itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let source = String(parts[0])
    guard let pattern = try? RoutePattern(source) else { return 0 }
    if parts.count > 1 { _ = pattern.match(String(parts[1])) }
    if !source.utf8.contains(where: { ":*?%".utf8.contains($0) }) {
        precondition(pattern.match(source) == RouteMatch(), "a plain pattern does not take itself")
    }
    return 0
}
