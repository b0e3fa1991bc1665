/// What both sides of one connection agreed on about compression.
package struct DeflateParameters: Hashable, Sendable {
    var serverNoContextTakeover = false
    var clientNoContextTakeover = false
    var serverMaxWindowBits = 15
    var clientMaxWindowBits = 15

    /// The window and context of messages from this role.
    package func sending(as role: WebSocketRole) -> (windowBits: Int, takeover: Bool) {
        switch role {
        case .server: (self.serverMaxWindowBits, !self.serverNoContextTakeover)
        case .client: (self.clientMaxWindowBits, !self.clientNoContextTakeover)
        }
    }
}
