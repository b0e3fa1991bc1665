import PondKit

/// How much of what Redis has acknowledged survives a crash of its machine, by its own settings.
struct RedisDurability: Sendable, Hashable {
    /// Whether it writes a log of every change; `nil` where it does not say.
    var appendsLog: Bool?
    /// When the log goes to the disk: `always`, `everysec` or `no`; `nil` where it does not say.
    var sync: String?
    /// Whether the last write of the log or of a snapshot failed.
    var failedToWrite = false
    /// What it does when its memory is full; `nil` where it does not say.
    var eviction: String?

    /// Reads the answers to `INFO persistence` and `CONFIG GET`.
    init(info: String, settings: [String: String]) {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.appendsLog = fields["aof_enabled"].map { $0 == "1" }
        self.failedToWrite = fields["aof_last_write_status"] == "err" || fields["rdb_last_bgsave_status"] == "err"
        self.sync = settings["appendfsync"]
        self.eviction = settings["maxmemory-policy"]
    }

    /// Asks Redis; `nil` where it does not answer.
    static func ask(_ questions: SharedQuestions) async -> RedisDurability? {
        guard case .bulk(let info) = await questions.ask(["INFO", "persistence"]) else { return nil }
        var settings: [String: String] = [:]
        for name in ["appendfsync", "maxmemory-policy"] {
            // A hosted Redis may forbid this: then it is not known.
            guard case .array(let pair) = await questions.ask(["CONFIG", "GET", name]), pair.count == 2,
                case .bulk(let value) = pair[1]
            else { continue }
            settings[name] = String(decoding: value, as: UTF8.self)
        }
        return RedisDurability(info: String(decoding: info, as: UTF8.self), settings: settings)
    }

    /// What can be lost by these settings; empty when nothing that was acknowledged is.
    var warnings: [String] {
        var warnings: [String] = []
        if self.failedToWrite { warnings.append("it cannot write to its disk: acknowledged messages may be lost") }
        switch (self.appendsLog, self.sync) {
        case (false?, _):
            warnings.append(
                "appendonly is no: a crash of Redis loses every message since its last snapshot; "
                    + "set appendonly yes and appendfsync always"
            )
        case (_, "everysec"?):
            warnings.append(
                "appendfsync is everysec: a power failure loses about the last second of acknowledged messages; "
                    + "appendfsync always loses none"
            )
        case (_, "no"?):
            warnings.append("appendfsync is no: a power failure loses what the kernel had not written")
        case (nil, _), (_, nil): warnings.append("it does not say how it writes to its disk")
        default: break
        }
        if let eviction = self.eviction, eviction != "noeviction" {
            warnings.append(
                "maxmemory-policy is \(eviction): it deletes messages when its memory is full; set noeviction"
            )
        }
        return warnings
    }
}
