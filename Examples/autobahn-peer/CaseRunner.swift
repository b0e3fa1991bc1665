import PondKit

/// Runs the cases of a fuzzing server one after another, as the suite asks a client to.
struct CaseRunner {
    let url: String

    func run() async throws {
        let loop = EventLoop(name: "client")
        loop.start()
        let answer = try await self.visit("/getCaseCount", echoes: false, on: loop)
        guard let count = Int(answer) else { return print("no case count: \(answer)") }
        for number in 1...max(count, 1) {
            _ = try await self.visit("/runCase?case=\(number)&agent=pond", echoes: true, on: loop)
        }
        // The suite notes a case when it sees the connection closed, which can be after the next request arrives. One
        // more exchange lets it note the last case before it writes its report.
        _ = try await self.visit("/getCaseCount", echoes: false, on: loop)
        _ = try await self.visit("/updateReports?agent=pond", echoes: false, on: loop)
        await loop.stop()
    }

    /// Connects, echoes or listens until the server ends the connection, and gives what it said last.
    private func visit(_ path: String, echoes: Bool, on loop: EventLoop) async throws -> String {
        var target = try ClientTarget(url: self.url + path)
        target.limits = AutobahnPeer.limits
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute { [target] in
                Self.open(target, on: loop) { result in
                    switch result {
                    case .failure(let error):
                        continuation.resume(throwing: error)
                    case .success(let transport):
                        if echoes, let transport = transport as? WebSocketTransport {
                            Echo.attach(to: transport) { continuation.resume(returning: "") }
                        } else {
                            transport.receiver = LastWords { continuation.resume(returning: $0) }
                        }
                    }
                }
            }
        }
    }

    private static func open(
        _ target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        Connector.connect(to: target.host, port: target.port, on: loop) { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let channel):
                WebSocketOpening.begin(
                    on: channel,
                    target: target.requestTarget,
                    authority: target.authority,
                    headers: [:],
                    limits: target.limits,
                    deflate: AutobahnPeer.deflate,
                    deadline: target.deadline,
                    completion: completion
                )
            }
        }
    }
}

/// Keeps the last message until the end.
private final class LastWords: TransportReceiver {
    private var text = ""
    private let ended: (String) -> Void

    init(ended: @escaping (String) -> Void) { self.ended = ended }

    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        self.text = String(decoding: message, as: UTF8.self)
    }

    func transport(_ transport: any Transport, ended end: TransportEnd) { self.ended(self.text) }
}
