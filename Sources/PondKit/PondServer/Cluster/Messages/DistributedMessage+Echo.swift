extension DistributedMessage {
    /// Whether bytes are a message that this node itself has written, seen without reading it whole.
    ///
    /// Half of what a node hears is its own. A message of any other shape is read and found out later.
    static func isEcho(_ bytes: [UInt8], of nodeId: String) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var rest = bytes[...]
            guard rest.take(#"{"protocol":"pondsocket.distributed","version":1,"type":""#) else { return false }
            rest = rest.drop { $0 != UInt8(ascii: "\"") }
            guard rest.take(#"","messageId":""#) else { return false }
            rest = rest.drop { $0 != UInt8(ascii: "\"") }
            return rest.take(#"","sourceNodeId":""#) && rest.take(nodeId) && rest.first == UInt8(ascii: "\"")
        }
    }
}

extension Slice where Base == UnsafeBufferPointer<UInt8> {
    /// Passes a text that stands here; says whether it does.
    fileprivate mutating func take(_ text: String) -> Bool {
        guard self.starts(with: text.utf8) else { return false }
        self = self.dropFirst(text.utf8.count)
        return true
    }
}
