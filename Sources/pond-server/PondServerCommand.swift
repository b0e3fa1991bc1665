import Glibc
import PondKit

@main
struct PondServerCommand {
    static func main() {
        // Before any other thread exists: a thread that was there before would take the signal itself.
        SignalWatcher.block([SIGTERM, SIGINT, SIGHUP])
        signal(SIGPIPE, SIG_IGN)
        // What the server writes, backups included, is for its own user.
        umask(0o077)
        let arguments = Array(CommandLine.arguments.dropFirst())
        Self.begin(arguments)
        while true { pause() }
    }

    /// Begins outside of the main thread's isolation, so that nothing comes back to a thread that sleeps.
    private nonisolated static func begin(_ arguments: [String]) {
        Task.detached {
            let code =
                if arguments.first == "admin" {
                    AdminCommand.run(Array(arguments.dropFirst()))
                } else if arguments.first == "restore" {
                    Self.restore(Array(arguments.dropFirst()))
                } else {
                    await Self.serve(arguments)
                }
            fflush(nil)
            exit(code.rawValue)
        }
    }

    private nonisolated static func restore(_ arguments: [String]) -> ExitCode {
        do throws(StartFailure) {
            return Self.say(
                try RestoreCommand.run(arguments) {
                    ConfigurationLoader(arguments: $0, environment: Self.environment, readFile: TextFile.read)
                }
            )
        } catch {
            Self.complain(error.message)
            return error.code
        }
    }

    private nonisolated static func serve(_ arguments: [String]) async -> ExitCode {
        let load: @Sendable () -> ConfigurationLoader = {
            ConfigurationLoader(arguments: arguments, environment: Self.environment, readFile: TextFile.read)
        }
        let loaded = load()
        if loaded.actions.contains(.help) { return Self.say(CommandLineHelp.text) }
        if loaded.actions.contains(.version) { return Self.say(CommandLineHelp.version) }
        var faults = loaded.faults.map(\.description)
        if loaded.actions.contains(.checkConfiguration) { faults += ServerFiles.faults(of: loaded.configuration) }
        guard faults.isEmpty else {
            let count = faults.count
            let lines = faults.map { "  \($0)" }.joined(separator: "\n")
            Self.complain("the configuration has \(count == 1 ? "a fault" : "\(count) faults"):\n\(lines)")
            return .configuration
        }
        if loaded.actions.contains(.printConfiguration) { return Self.say(loaded.printed) }
        if loaded.actions.contains(.checkConfiguration) {
            let warnings = await ServerProcess.warnings(of: loaded.configuration)
            return Self.say((["the configuration is fine"] + warnings.map { "warning: \($0)" }).joined(separator: "\n"))
        }
        do throws(StartFailure) {
            return try await Self.serve(loaded.configuration, again: load)
        } catch {
            Self.complain(error.message)
            return error.code
        }
    }

    private nonisolated static func serve(
        _ configuration: ServerConfiguration,
        again load: @escaping @Sendable () -> ConfigurationLoader
    ) async throws(StartFailure) -> ExitCode {
        let log = ServerLog(level: configuration.logLevel, format: configuration.logFormat)
        // Before the process ends, for at most a second: nobody may read the log any more.
        defer { log.flush() }
        let process = try ServerProcess(configuration, log: log)
        let address = try await process.start()
        let admin = try process.startAdmin()
        defer { admin?.stop() }
        guard let loop = process.pond.loops.first else { throw StartFailure(.failed, "no event loop") }
        let (signals, sender) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(16))
        let watcher: SignalWatcher
        do throws(PondError) {
            watcher = try await SignalWatcher.watch([SIGTERM, SIGINT, SIGHUP], on: loop) { sender.yield($0) }
        } catch {
            throw StartFailure(.failed, error.message)
        }
        _ = Self.say(process.greeting(address))
        log.info("listening", ("address", .string("\(address)")), ("threads", .int(Int64(process.pond.loops.count))))
        let manager = ServiceManager(Self.environment)
        manager?.report(.ready)
        manager?.watch(process.pond.loops)
        for await signal in signals {
            guard signal == SIGHUP else { break }
            let loaded = load()
            if loaded.faults.isEmpty {
                await process.reload(loaded.configuration)
            } else {
                // A file of another kind has a fault in every line.
                let faults = loaded.faults.prefix(5).map(\.description).joined(separator: "; ")
                log.error(
                    "the configuration was not reloaded",
                    ("faults", .int(Int64(loaded.faults.count))),
                    ("cause", .string(faults))
                )
            }
        }
        // A second signal does not wait.
        let impatience = Task.detached {
            for await signal in signals where signal != SIGHUP {
                log.warning("stopped at once")
                log.flush()
                exit(ExitCode.failed.rawValue)
            }
        }
        manager?.report(.stopping)
        await process.stop()
        impatience.cancel()
        withExtendedLifetime(watcher) {}
        return .stopped
    }

    private nonisolated static var environment: [String: String] {
        var variables: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            pointer += 1
        }
        return variables
    }

    private nonisolated static func say(_ text: String) -> ExitCode {
        print(text)
        fflush(nil)
        return .stopped
    }

    private nonisolated static func complain(_ text: String) { ServerLog.toStandardError("pond-server: \(text)\n") }
}
