/// Which close codes may stand in a close frame, RFC 6455 7.4 and what was registered since.
package enum WebSocketCloseCode {
    package static func isValid(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
