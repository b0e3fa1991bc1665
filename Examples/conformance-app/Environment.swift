internal import Glibc
internal import PondKit

/// What the environment says.
enum Environment {
    static var options: PondOptions {
        var options = PondOptions()
        // Long enough to come back, short enough to watch a lost member leave.
        options.limits.sessionGrace = .seconds(4)
        if let origins = Self.value("POND_ALLOWED_ORIGINS") {
            options.allowedOrigins = .these(Set(origins.split(separator: ",").map(String.init)))
        }
        return options
    }

    static func value(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }
}
