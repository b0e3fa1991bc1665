/// The version that both programs tell.
public enum PondVersion {
    /// As in `1.0.0`.
    public static let text = "1.0.0"
}
