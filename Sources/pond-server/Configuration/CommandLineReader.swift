/// Reads flags: `--name value`, `--name=value`, switches alone, `--no-name` for a switch that is to be off.
struct CommandLineReader {
    private(set) var entries: [ConfigurationEntry] = []
    private(set) var faults: [ConfigurationFault] = []
    /// What stands there besides options.
    private(set) var actions: Set<Action> = []
    private(set) var configurationFile: String?

    enum Action: String, Sendable, Hashable, CaseIterable {
        case help
        case version
        case checkConfiguration = "check-config"
        case printConfiguration = "print-config"
    }

    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let shorthand = argument == "-h" ? "--help" : argument
            guard shorthand.hasPrefix("--") else {
                self.fault(argument, "is no option; see --help")
                continue
            }
            let parts = shorthand.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            var value = parts.count == 2 ? String(parts[1]) : nil
            if let action = Action(rawValue: name), value == nil {
                self.actions.insert(action)
                continue
            }
            if name == "config" {
                guard let file = value ?? rest.popFirst() else {
                    self.fault("--config", "needs a value")
                    continue
                }
                self.configurationFile = file
                continue
            }
            if value == nil, name.hasPrefix("no-"),
                ConfigurationOption.named(String(name.dropFirst(3)))?.isSwitch == true
            {
                let name = String(name.dropFirst(3))
                self.entries.append(ConfigurationEntry(name: name, value: "no", source: .flag("--no-\(name)")))
                continue
            }
            guard let option = ConfigurationOption.named(name) else {
                self.fault("--\(name)", "there is no such option" + Self.suggestion(for: name))
                // Its value is no fault of its own.
                if value == nil, let next = rest.first, !next.hasPrefix("--") { rest.removeFirst() }
                continue
            }
            if value == nil, !option.isSwitch {
                value = rest.first.flatMap { $0.hasPrefix("--") ? nil : $0 }
                if value == nil {
                    self.fault(option.flag, "needs a value")
                    continue
                }
                rest.removeFirst()
            }
            self.entries.append(
                ConfigurationEntry(name: name, value: value ?? "yes", source: .flag(option.flag))
            )
        }
    }

    private mutating func fault(_ place: String, _ message: String) {
        self.faults.append(ConfigurationFault(place: place, message: message))
    }

    static func suggestion(for name: String) -> String {
        let near = ConfigurationOption.all.map(\.name).filter {
            name.count > 2 && ($0.contains(name) || name.contains($0))
        }
        return near.first.map { "; did you mean \($0)?" } ?? ""
    }
}
