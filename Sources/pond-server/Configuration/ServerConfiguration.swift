import PondChat
import PondKit

/// Everything an operator can choose, with values that are safe to start with.
struct ServerConfiguration: Sendable, Hashable {
    // Where
    var host = "127.0.0.1"
    var port = 4000
    /// The folder of everything that is kept.
    var dataFolder = "pond-data"
    /// Keeps nothing on disk.
    var inMemory = false
    /// The Redis that several servers share to act as one.
    var redis: String?
    /// Separates clusters that share a Redis.
    var redisNamespace = "default"
    /// Event loops; as many as processors when 0.
    var threads = 0

    // TLS
    var certificateFile: String?
    var keyFile: String?
    var selfSigned = false

    // Who may connect
    var authentication = Authentication.open
    /// The file with the secrets of tokens, one a line; the first one signs.
    var tokenSecretFile: String?
    var tokenLifetime: Duration = .seconds(24 * 3600)
    /// The web pages that may connect: `any`, `same-host`, or a list of origins.
    var origins = AllowedOrigins.sameHost
    /// The addresses of proxies whose `X-Forwarded-For` is believed.
    var trustedProxies: [String] = []
    /// The addresses that may see the figures.
    var metricsAddresses: [String] = []
    /// Users who are admins from the start, once they have claimed their names.
    var admins: [UserName] = []

    // Rooms
    /// The rooms that are always there.
    var rooms: [ConfiguredRoom] = [ConfiguredRoom.general].compactMap { $0 }
    var roomsOnDemand = true
    var roomLimit = 1_000
    var roomsPerUser = 20

    // History
    var historyAge: Duration?
    var historyMessages: Int?

    // Limits
    var connectionLimit = 10_000
    var connectionsPerAddress = 100
    var devicesPerUser = 10
    var messagesPerSecond = 5.0
    var messagesPerAddress = 200.0
    var messageBurst = 20
    var messageCharacters = ChatLimits.default.messageCharacters

    // Operation
    var logLevel = LogLevel.info
    var logFormat = LogFormat.text
    var drainTime: Duration = .seconds(10)

    enum Authentication: String, Sendable, Hashable, CaseIterable {
        /// A free name suffices; a claimed one needs its password.
        case open
        /// Nobody without a token.
        case token
    }
}

/// A room that is there from the start.
struct ConfiguredRoom: Sendable, Hashable {
    var room: RoomName
    var topic: String

    static let general = (try? RoomName("general")).map { ConfiguredRoom(room: $0, topic: "Everything and nothing") }
}
