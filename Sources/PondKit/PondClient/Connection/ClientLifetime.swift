import PondRuntime

/// Held by a client and by each of its live channels: when nobody holds it, the client shuts down.
final class ClientLifetime: Sendable {
    private let loop: EventLoop
    private let driver: LoopConfined<ClientDriver>

    init(_ driver: LoopConfined<ClientDriver>, on loop: EventLoop) {
        self.loop = loop
        self.driver = driver
    }

    deinit { self.loop.execute { [driver] in driver.value.shutDown() } }
}
