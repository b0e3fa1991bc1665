/// Where a value comes from; a later case overrides an earlier one.
enum ConfigurationSource: Sendable, Hashable {
    case standard
    case file(name: String, line: Int)
    case environment(variable: String)
    case flag(String)

    var description: String {
        switch self {
        case .standard: "default"
        case .file(let name, let line): "\(name):\(line)"
        case .environment(let variable): variable
        case .flag(let flag): flag
        }
    }
}
