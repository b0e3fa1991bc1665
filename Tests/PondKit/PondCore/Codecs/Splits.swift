/// Every way to cut bytes in two, the whole, and one byte at a time.
func everySplit(_ bytes: [UInt8]) -> [[[UInt8]]] {
    var splits = [[bytes], bytes.map { [$0] }]
    for cut in 1..<max(1, bytes.count) { splits.append([Array(bytes[..<cut]), Array(bytes[cut...])]) }
    return splits
}

/// Text with its line feeds made CR LF, as bytes.
func crlf(_ text: String) -> [UInt8] {
    Array(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8)
}
