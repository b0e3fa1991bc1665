/// A transport that can be asked for a sign of life.
public protocol LivenessTransport: Transport {
    /// Called on the loop when the peer answered a ping.
    var whenPonged: (() -> Void)? { get set }
    /// Called on the loop when bytes came that are neither a message nor the answer to a ping, such as a keepalive.
    var whenHeard: (() -> Void)? { get set }

    /// Whether the peer answers `ping()`; where it does not, its keepalives are the only signs of life.
    var answersPings: Bool { get }

    /// Asks the peer for an answer; a transport that cannot ask relies on the peer's keepalives.
    func ping()
}

extension LivenessTransport {
    public var answersPings: Bool { true }
}
