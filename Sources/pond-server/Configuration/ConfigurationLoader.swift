import PondChat
import PondKit

/// Puts the configuration together: flags before environment before file before defaults.
struct ConfigurationLoader {
    private(set) var configuration = ServerConfiguration()
    private(set) var faults: [ConfigurationFault] = []
    /// Where each option that is not a default comes from.
    private(set) var sources: [String: ConfigurationSource] = [:]
    /// What the command line asks for besides serving.
    let actions: Set<CommandLineReader.Action>
    /// The file that was read.
    let file: String?

    /// Understands everything, and collects every fault; `readFile` gives the text of a file, or says why it cannot.
    init(
        arguments: [String],
        environment: [String: String],
        readFile: (String) -> Result<String, ConfigurationFault>
    ) {
        let flags = CommandLineReader(arguments)
        self.actions = flags.actions
        self.file = flags.configurationFile ?? environment["POND_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if let file = self.file { self.read(file, readFile) }
        self.read(environment)
        self.faults += flags.faults
        for entry in flags.entries { self.apply(entry) }
        self.check()
    }

    private mutating func read(_ file: String, _ readFile: (String) -> Result<String, ConfigurationFault>) {
        let text: String
        switch readFile(file) {
        case .success(let content): text = content
        case .failure(let fault):
            self.faults.append(fault)
            return
        }
        let entries: [ConfigurationEntry]
        if text.first(where: { !$0.isWhitespace }) == "{" {
            let reader = JSONConfigurationReader(text, file: file)
            self.faults += reader.faults
            entries = reader.entries
        } else {
            let reader = INIReader(text, file: file)
            self.faults += reader.faults
            entries = reader.entries
        }
        var seen: [String: ConfigurationSource] = [:]
        for entry in entries {
            if let earlier = seen[entry.name] {
                self.fault(entry, "stands there already, at \(earlier.description)")
                continue
            }
            seen[entry.name] = entry.source
            self.apply(entry)
        }
    }

    private mutating func read(_ environment: [String: String]) {
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("POND_") {
            // Other programs of this package have variables of their own.
            guard let option = ConfigurationOption.all.first(where: { $0.variable == variable }) else { continue }
            self.apply(
                ConfigurationEntry(name: option.name, value: value, source: .environment(variable: variable))
            )
        }
    }

    private mutating func apply(_ entry: ConfigurationEntry) {
        if entry.name.hasPrefix("rooms.") { return self.applyTopic(entry) }
        guard let option = ConfigurationOption.named(entry.name) else {
            return self.fault(
                entry,
                "there is no option \(quoted(entry.name))" + CommandLineReader.suggestion(for: entry.name)
            )
        }
        do throws(ConfigurationOption.OptionFault) {
            try option.apply(&self.configuration, entry.value)
            self.sources[entry.name] = entry.source
        } catch {
            self.fault(entry, error.message)
        }
    }

    private mutating func applyTopic(_ entry: ConfigurationEntry) {
        do throws(PondError) {
            let room = try RoomName(String(entry.name.dropFirst("rooms.".count)))
            let topic = try ChatText.line(entry.value, of: "a topic", upTo: ChatLimits.default.topicCharacters)
            if self.sources["rooms"] == nil {
                self.configuration.rooms = []
                self.sources["rooms"] = entry.source
            }
            self.configuration.rooms.removeAll { $0.room == room }
            self.configuration.rooms.append(ConfiguredRoom(room: room, topic: topic))
        } catch {
            self.fault(entry, error.message)
        }
    }

    private mutating func fault(_ entry: ConfigurationEntry, _ message: String) {
        let isFile = if case .file = entry.source { true } else { false }
        let name = isFile && !message.contains(entry.name) ? "\(entry.name): " : ""
        self.faults.append(ConfigurationFault(place: entry.source.description, message: name + message))
    }

    /// What no single value is to blame for.
    private mutating func check() {
        let configuration = self.configuration
        if configuration.host != "localhost", SocketAddress(ip: configuration.host, port: 0) == nil {
            let source = self.sources["host"]?.description ?? ""
            self.faults.append(
                ConfigurationFault(place: source, message: "host: \(quoted(configuration.host)) is not an IP address")
            )
        }
        if (configuration.certificateFile == nil) != (configuration.keyFile == nil) {
            self.contradiction("tls-cert and tls-key belong together: give both or none")
        }
        if configuration.selfSigned, configuration.certificateFile != nil {
            self.contradiction("tls-self-signed and tls-cert exclude each other")
        }
        if configuration.inMemory, self.sources["data"] != nil {
            self.contradiction("memory and data exclude each other")
        }
        for name in configuration.admins where name.isReserved && configuration.authentication == .open {
            let place = self.sources["admins"]?.description ?? ""
            self.faults.append(
                ConfigurationFault(
                    place: place,
                    message: "admins: the name \(name.text) is reserved, so nobody can claim it"
                )
            )
        }
        if let url = configuration.redis {
            do throws(PondError) {
                _ = try RedisAddress(url: url)
            } catch {
                let place = self.sources["redis"]?.description ?? ""
                self.faults.append(ConfigurationFault(place: place, message: "redis: \(error.message)"))
            }
            if configuration.tokenSecretFile == nil {
                self.contradiction(
                    "with redis, every server needs the same token-secret-file; make one: openssl rand -base64 48 > FILE"
                )
            }
        }
        if configuration.authentication == .token, configuration.tokenSecretFile == nil {
            self.contradiction("auth = token needs a token-secret-file, for somebody else signs the tokens")
        }
    }

    private mutating func contradiction(_ message: String) {
        self.faults.append(ConfigurationFault(place: "", message: message))
    }

    /// The configuration as a file that could be read again, with where each value comes from.
    var printed: String {
        var lines = ["# what has no comment is the default"]
        for option in ConfigurationOption.all where option.name != "rooms" {
            // A server in memory has no folder, and a configuration with both is wrong.
            if option.name == "data", self.configuration.inMemory { continue }
            if let source = self.sources[option.name] { lines += ["", "# from \(source.description)"] }
            lines.append("\(option.name) = \(option.show(self.configuration))")
            if self.sources[option.name] != nil { lines.append("") }
        }
        lines.append("")
        lines.append("[rooms]")
        lines += self.configuration.rooms.map { "\($0.room.text) = \($0.topic)" }
        return lines.joined(separator: "\n")
    }
}
