import PondKit

/// `pond-server restore FILE [--replace] [OPTIONS]`: puts a backup into the data folder of a server that does not run.
enum RestoreCommand {
    static let help = """
        Usage: pond-server restore FILE [--replace] [--data FOLDER] [--config FILE]

        Puts a backup, written by `pond-server admin backup`, into the data folder. No server may use the folder
        meanwhile. The backup is checked first, and stays as it is.

          --replace     the folder holds a database already: keep that one as chat.db.replaced

        The secret of the tokens, token.key, is not part of a backup: without it users log in again.
        """

    static func run(
        _ arguments: [String],
        load: ([String]) -> ConfigurationLoader
    ) throws(StartFailure) -> String {
        var rest = arguments
        if rest.contains("--help") || rest.contains("-h") { return Self.help }
        let replaces = rest.contains("--replace")
        rest.removeAll { $0 == "--replace" }
        guard let file = rest.first, !file.hasPrefix("--") else { throw StartFailure(.configuration, Self.help) }
        let loaded = load(Array(rest.dropFirst()))
        guard loaded.faults.isEmpty else {
            throw StartFailure(.configuration, loaded.faults.map(\.description).joined(separator: "\n"))
        }
        let configuration = loaded.configuration
        let restorer = BackupRestorer(
            folder: try DataFolder(configuration.dataFolder),
            isShared: configuration.redis != nil
        )
        let outcome = try restorer.restore(file, replacing: replaces)
        let newest = outcome.newest.map { ", the newest of \(LogLine.timestamp($0))" } ?? ""
        let replaced = outcome.replaced.map { "\nthe database before is \($0)" } ?? ""
        return "restored: \(outcome.messages) messages\(newest)\(replaced)"
    }
}
