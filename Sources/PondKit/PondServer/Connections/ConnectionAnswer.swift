public import PondCore

/// What becomes of a request for a connection.
public enum ConnectionAnswer {
    /// Complete the handshake and attach a transport, or cancel.
    case accept(AcceptedConnection)
    /// Answer with this status and the message as `text/plain`, and close.
    case decline(status: Int, message: String, headers: HTTPHeaders)
}
