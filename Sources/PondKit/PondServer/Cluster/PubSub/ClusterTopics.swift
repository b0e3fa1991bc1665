/// The names of a cluster's topics; clusters that differ in prefix or namespace do not hear each other.
public struct ClusterTopics: Sendable, Hashable {
    /// What every topic begins with.
    public var prefix: String
    /// Separates clusters that share one carrier.
    public var namespace: String

    public init(prefix: String = "pondsocket", namespace: String = "default") {
        self.prefix = prefix
        self.namespace = namespace
    }

    /// The topic of one channel: `pondsocket:v1:default:api/socket:/chat/1`.
    public func channel(_ channel: String, endpoint: String) -> String {
        "\(self.prefix):v1:\(self.namespace):\(Self.endpointName(endpoint)):\(channel)"
    }

    /// The topic on which all nodes say that they live.
    public var heartbeat: String { "\(self.prefix):v1:\(self.namespace):\(Self.heartbeatName)" }

    /// The topic on which nodes hear that others took sessions of theirs. Our addition to the protocol.
    package var sessions: String { "\(self.prefix):v1:\(self.namespace):__sessions__" }

    /// What an endpoint is called between nodes: its path without the leading slash.
    public static func endpointName(_ path: String) -> String { path.hasPrefix("/") ? String(path.dropFirst()) : path }

    /// What stands for endpoint and channel in a heartbeat.
    package static let heartbeatName = "__heartbeat__"
}
