/// A transport that can be asked for a sign of life.
public protocol LivenessTransport: Transport {
    /// Called on the loop when the peer answered a ping.
    var whenPonged: (() -> Void)? { get set }
    /// Called on the loop when bytes came that are neither a message nor the answer to a ping, such as a keepalive.
    var whenHeard: (() -> Void)? { get set }

    /// Asks the peer for an answer; a transport that cannot ask relies on the peer's keepalives.
    func ping()
}
