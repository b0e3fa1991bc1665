import PondKit

/// Sends every message back, a text as text and the rest as it came.
final class Echo: TransportReceiver {
    private let ended: () -> Void

    private init(ended: @escaping () -> Void) { self.ended = ended }

    /// Puts an echo on a transport; `ended` is called when it is over.
    static func attach(to transport: WebSocketTransport, ended: @escaping () -> Void = {}) {
        transport.receiver = Echo(ended: ended)
        transport.receivedBinary = { [unowned transport] in transport.sendBinary(Array($0)) }
    }

    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        transport.send(Frame(text: Array(message), event: ""))
    }

    func transport(_ transport: any Transport, ended end: TransportEnd) { self.ended() }
}
