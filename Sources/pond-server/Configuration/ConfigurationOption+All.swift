import PondChat
import PondKit

extension ConfigurationOption {
    /// Every option, in the order of the help.
    static let all: [ConfigurationOption] = [
        .text("host", "ADDRESS", \.host, "the address to listen on; 0.0.0.0 for all"),
        .number("port", 0...65_535, \.port, "the port to listen on; 0 for any free one"),
        .text("data", "FOLDER", \.dataFolder, "the folder for messages, names and keys"),
        .toggle("memory", \.inMemory, "keep nothing on disk"),
        .optionalText("redis", "URL", \.redis, "act as one with other servers on this Redis: redis[s]://host:port"),
        .text("redis-namespace", "NAME", \.redisNamespace, "keeps clusters on one Redis apart"),
        .number("threads", 0...256, \.threads, "event loops; 0 for one a processor"),

        .optionalText("tls-cert", "FILE", \.certificateFile, "the certificate chain, PEM"),
        .optionalText("tls-key", "FILE", \.keyFile, "the certificate's key, PEM"),
        .toggle("tls-self-signed", \.selfSigned, "make a certificate for trying things out"),

        .choice("auth", \.authentication, "who may connect: any free name, or only who has a token"),
        .optionalText("token-secret-file", "FILE", \.tokenSecretFile, "the secrets of tokens, one a line"),
        .duration("token-lifetime", \.tokenLifetime, "how long a token of this server holds"),
        .origins,
        .addresses(
            "trusted-proxies",
            \.trustedProxies,
            "proxies whose X-Forwarded-For is believed: 10.0.0.0/8, ::1"
        ),
        .addresses(
            "metrics-from",
            \.metricsAddresses,
            "addresses that may see /metrics, not through a proxy; none by default"
        ),
        .admins,

        .rooms,
        .toggle("rooms-on-demand", \.roomsOnDemand, "let users make rooms by joining them"),
        .number("room-limit", 0...1_000_000, \.roomLimit, "rooms that users may make, in all"),
        .number("rooms-per-user", 1...1_000, \.roomsPerUser, "rooms that one user may make in an hour"),

        .optionalDuration("history-age", \.historyAge, "forget messages older than this; off to keep them"),
        .optionalNumber(
            "history-messages",
            1...1_000_000_000,
            \.historyMessages,
            "keep so many messages in each channel; off for all"
        ),

        .number("connections", 1...1_000_000, \.connectionLimit, "connections in all"),
        .number("connections-per-address", 1...1_000_000, \.connectionsPerAddress, "connections from one address"),
        .number("devices-per-user", 1...1_000, \.devicesPerUser, "connections of one user"),
        .rate("messages-per-second", \.messagesPerSecond, "messages a user may send steadily"),
        .rate("messages-per-address", \.messagesPerAddress, "messages steadily from one address, whatever the names"),
        .number("message-burst", 1...100_000, \.messageBurst, "messages a user may send at once"),
        .number("message-characters", 1...100_000, \.messageCharacters, "characters of one message"),

        .logLevel,
        .choice("log-format", \.logFormat, "how log lines look"),
        .duration("drain-time", \.drainTime, "how long to wait for clients when stopping"),
    ]

    /// What is read once, when the server starts.
    private static let fixed: Set<String> = [
        "host", "port", "data", "memory", "redis", "redis-namespace", "threads", "tls-cert", "tls-key",
        "tls-self-signed", "origins",
        "trusted-proxies", "connections", "connections-per-address", "devices-per-user",
    ]

    /// Whether another value counts from the next start on only.
    var needsRestart: Bool { Self.fixed.contains(self.name) }

    static func named(_ name: String) -> ConfigurationOption? { self.all.first { $0.name == name } }

    private static let origins = ConfigurationOption(
        name: "origins",
        placeholder: "LIST",
        help: "web pages that may connect: any, same-host, or https://a.example,…"
    ) { (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
        switch text {
        case "any", "*": configuration.origins = .any
        case "same-host": configuration.origins = .sameHost
        default:
            let origins = Self.list(text)
            for origin in origins where !origin.hasPrefix("http://") && !origin.hasPrefix("https://") {
                throw OptionFault(message: "\(quoted(origin)) is not an origin such as https://chat.example")
            }
            configuration.origins = .these(Set(origins))
        }
    } show: {
        switch $0.origins {
        case .any: "any"
        case .sameHost: "same-host"
        case .these(let origins): origins.sorted().joined(separator: ", ")
        }
    }

    private static func addresses(
        _ name: String,
        _ path: any WritableKeyPath<ServerConfiguration, [String]> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: "LIST", help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            let addresses = Self.list(text)
            for address in addresses where AddressRange(address) == nil {
                throw OptionFault(message: "\(quoted(address)) is not an address or a network")
            }
            configuration[keyPath: path] = addresses
        } show: {
            $0[keyPath: path].joined(separator: ", ")
        }
    }

    private static let admins = ConfigurationOption(
        name: "admins",
        placeholder: "LIST",
        help: "users who are admins as soon as they have claimed their names"
    ) { (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
        var admins: [UserName] = []
        for name in Self.list(text) {
            do throws(PondError) { admins.append(try UserName(name)) } catch {
                throw OptionFault(message: "\(quoted(name)): \(error.message)")
            }
        }
        configuration.admins = admins
    } show: {
        $0.admins.map(\.text).joined(separator: ", ")
    }

    private static let rooms = ConfigurationOption(
        name: "rooms",
        placeholder: "LIST",
        help: "rooms that are always there; topics go into the file's [rooms]"
    ) { (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
        var rooms: [ConfiguredRoom] = []
        for name in Self.list(text) {
            do throws(PondError) {
                let room = try RoomName(name)
                guard !rooms.contains(where: { $0.room == room }) else { continue }
                rooms.append(ConfiguredRoom(room: room, topic: ""))
            } catch {
                throw OptionFault(message: "\(quoted(name)): \(error.message)")
            }
        }
        configuration.rooms = rooms
    } show: {
        $0.rooms.map(\.room.text).joined(separator: ", ")
    }

    private static let logLevel = ConfigurationOption(
        name: "log-level",
        placeholder: LogLevel.allCases.map { "\($0)" }.joined(separator: "|"),
        help: "the least important messages to log"
    ) { (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
        guard let level = LogLevel.allCases.first(where: { "\($0)" == text }) else {
            let levels = LogLevel.allCases.map { "\($0)" }.joined(separator: ", ")
            throw OptionFault(message: "\(quoted(text)) is none of \(levels)")
        }
        configuration.logLevel = level
    } show: {
        "\($0.logLevel)"
    }

    private static func list(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init)
    }
}
