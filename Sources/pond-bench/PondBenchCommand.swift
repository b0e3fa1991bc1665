import Glibc
import PondKit

@main
struct PondBenchCommand {
    static func main() async {
        guard let options = BenchOptions(Array(CommandLine.arguments.dropFirst())) else {
            print(BenchOptions.usage)
            exit(2)
        }
        if options.mode == .micro {
            MicroRun().run()
            return
        }
        if options.mode == .floor {
            guard let port = UInt16(exactly: options.port), let server = FloorServer(port: port) else {
                print("cannot listen on port \(options.port)")
                exit(1)
            }
            server.run()
        }
        if options.mode == .reconnect {
            do {
                let report = try await ReconnectRun(clients: options.members).run()
                print(report.text(terse: options.isTerse))
                exit(report.isClean ? 0 : 1)
            } catch {
                print("pond-bench: \(error)")
                exit(1)
            }
        }
        let loop = EventLoop(name: "pond-bench")
        loop.start()
        let report = await withCheckedContinuation { continuation in
            loop.execute { Self.run(options, on: loop) { continuation.resume(returning: $0) } }
        }
        print(report.text(terse: options.isTerse))
        await loop.stop()
        exit(report.isClean ? 0 : 1)
    }

    private static func run(
        _ options: BenchOptions,
        on loop: EventLoop,
        _ completion: @escaping @Sendable (Report) -> Void
    ) {
        switch options.mode {
        case .fanout, .cluster, .echo:
            let run = MessageRun(options: options, on: loop)
            run.run { report in
                completion(report)
                // The connections call back until the loop stops.
                withExtendedLifetime(run) {}
            }
        case .idle, .storm:
            let run = ConnectionRun(options: options, on: loop)
            run.run { report in
                completion(report)
                withExtendedLifetime(run) {}
            }
        case .reconnect, .micro, .floor:
            return
        }
    }
}
