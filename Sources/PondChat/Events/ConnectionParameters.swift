/// What a chat client gives when it connects, as the query of the URL.
public enum ConnectionParameters {
    /// The name the user wants.
    public static let name = "name"
    /// A token from an earlier `Identity`, or from whoever signs tokens for the server.
    public static let token = "token"
    /// The server's endpoint.
    public static let endpoint = "/socket"
}
