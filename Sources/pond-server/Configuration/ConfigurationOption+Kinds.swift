/// The ways in which values are written.
extension ConfigurationOption {
    static func text(
        _ name: String,
        _ placeholder: String,
        _ path: any WritableKeyPath<ServerConfiguration, String> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: placeholder, help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            guard !text.isEmpty else { throw OptionFault(message: "is empty") }
            configuration[keyPath: path] = text
        } show: {
            $0[keyPath: path]
        }
    }

    static func optionalText(
        _ name: String,
        _ placeholder: String,
        _ path: any WritableKeyPath<ServerConfiguration, String?> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: placeholder, help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            configuration[keyPath: path] = text.isEmpty ? nil : text
        } show: {
            $0[keyPath: path] ?? ""
        }
    }

    static func toggle(
        _ name: String,
        _ path: any WritableKeyPath<ServerConfiguration, Bool> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: "", help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            switch text.lowercased() {
            case "true", "yes", "on", "1", "": configuration[keyPath: path] = true
            case "false", "no", "off", "0": configuration[keyPath: path] = false
            default: throw OptionFault(message: "\(quoted(text)) is neither yes nor no")
            }
        } show: {
            $0[keyPath: path] ? "yes" : "no"
        }
    }

    static func number(
        _ name: String,
        _ range: ClosedRange<Int>,
        _ path: any WritableKeyPath<ServerConfiguration, Int> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: "N", help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            configuration[keyPath: path] = try Self.number(text, range)
        } show: {
            "\($0[keyPath: path])"
        }
    }

    /// A number, or `off` for none.
    static func optionalNumber(
        _ name: String,
        _ range: ClosedRange<Int>,
        _ path: any WritableKeyPath<ServerConfiguration, Int?> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: "N", help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            configuration[keyPath: path] = text == "off" ? nil : try Self.number(text, range)
        } show: {
            $0[keyPath: path].map { "\($0)" } ?? "off"
        }
    }

    static func rate(
        _ name: String,
        _ path: any WritableKeyPath<ServerConfiguration, Double> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: "N", help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            guard let number = Double(text), number.isFinite, number > 0, number <= 1_000_000 else {
                throw OptionFault(message: "\(quoted(text)) is not a number above 0")
            }
            configuration[keyPath: path] = number
        } show: {
            "\($0[keyPath: path])"
        }
    }

    static func duration(
        _ name: String,
        _ path: any WritableKeyPath<ServerConfiguration, Duration> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: "TIME", help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            configuration[keyPath: path] = try Self.duration(text)
        } show: {
            Self.written($0[keyPath: path])
        }
    }

    /// A time, or `off` for none.
    static func optionalDuration(
        _ name: String,
        _ path: any WritableKeyPath<ServerConfiguration, Duration?> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        ConfigurationOption(name: name, placeholder: "TIME", help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            configuration[keyPath: path] = text == "off" ? nil : try Self.duration(text)
        } show: {
            $0[keyPath: path].map(Self.written) ?? "off"
        }
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<ServerConfiguration, Choice> & Sendable,
        _ help: String
    ) -> ConfigurationOption {
        let choices = Choice.allCases.map(\.rawValue)
        return ConfigurationOption(name: name, placeholder: choices.joined(separator: "|"), help: help) {
            (configuration: inout ServerConfiguration, text: String) throws(OptionFault) in
            guard let choice = Choice(rawValue: text) else {
                throw OptionFault(message: "\(quoted(text)) is none of \(choices.joined(separator: ", "))")
            }
            configuration[keyPath: path] = choice
        } show: {
            $0[keyPath: path].rawValue
        }
    }

    private static func number(_ text: String, _ range: ClosedRange<Int>) throws(OptionFault) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw OptionFault(
                message: "\(quoted(text)) is not a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    private static let units: [(suffix: String, seconds: Int64)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    private static func duration(_ text: String) throws(OptionFault) -> Duration {
        for unit in self.units where text.hasSuffix(unit.suffix) {
            guard let count = Int64(text.dropLast()), (1...1_000_000).contains(count) else { break }
            return .seconds(count * unit.seconds)
        }
        throw OptionFault(message: "\(quoted(text)) is not a time such as 30s, 10m, 12h or 90d")
    }

    private static func written(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for unit in self.units where seconds > 0 && seconds % unit.seconds == 0 {
            return "\(seconds / unit.seconds)\(unit.suffix)"
        }
        return "\(seconds)s"
    }
}

/// A value in a message to the operator, cut where it is long.
func quoted(_ text: String) -> String {
    let short = text.count > 60 ? text.prefix(60) + "…" : text[...]
    return "\u{201C}\(short)\u{201D}"
}
