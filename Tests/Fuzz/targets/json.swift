@testable import PondCore

/// The tree parser and the cursor agree on what is JSON, and what the writer makes of a tree parses to the same tree.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: count)
    var limits = Limits.default
    limits.jsonDepth = 20
    limits.jsonKeys = 50
    let tree = try? JSON(parsing: bytes, limits: limits)
    var accepted = false
    if var cursor = JSONCursor(bytes) {
        cursor.skipWhitespace()
        do {
            try cursor.skipValue(depth: 0, limits: limits)
            try cursor.finish()
            accepted = true
        } catch {}
    }
    precondition(accepted == (tree != nil), "cursor and tree parser disagree")
    guard let tree else { return 0 }
    precondition(String(validating: bytes, as: UTF8.self) != nil, "accepted invalid UTF-8")
    var written: [UInt8] = []
    tree.write(into: &written)
    guard let again = try? JSON(parsing: written, limits: limits) else { preconditionFailure("own text refused") }
    precondition(again == tree, "a round trip changed the value")
    _ = try? tree.decode([String: [Int]].self)
    return 0
}
