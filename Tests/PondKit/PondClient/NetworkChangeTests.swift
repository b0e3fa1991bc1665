import PondKit
import PondTesting
import Testing

/// What a client does when the network comes back or the machine wakes.
@Suite struct NetworkChangeTests {
    /// A network that the test changes.
    ///
    /// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
    final class FakeNetwork: NetworkSource, @unchecked Sendable {
        private var changed: ((NetworkChange) -> Void)?

        func watch(on loop: EventLoop, _ changed: @escaping (NetworkChange) -> Void) -> AnyObject? {
            self.changed = changed
            return self
        }

        func tell(_ change: NetworkChange, on stage: ClientStage) { stage.play { self.changed?(change) } }
    }

    static func stage(_ network: FakeNetwork) throws -> ClientStage {
        try ClientStage {
            $0.network = network
            // The longest wait that the jitter can draw.
            $0.random = { 0.999 }
        }
    }

    @Test func triesAtOnceInsteadOfAtTheEndOfTheWait() throws {
        let network = FakeNetwork()
        let stage = try Self.stage(network)
        stage.client.connect()
        stage.run()
        for _ in 0..<5 {
            stage.fail(.unavailable("no route"))
            stage.advance(by: .seconds(30))
        }
        stage.fail(.unavailable("no route"))
        let attempts = stage.connector.attempts.count
        #expect(stage.client.status.nextTry != nil)
        stage.advance(by: .seconds(1))
        network.tell(.connected, on: stage)
        #expect(stage.connector.attempts.count == attempts + 1)
        #expect(stage.client.status.reason == .networkChanged)
        stage.open()
        stage.greet()
        #expect(stage.client.state == .connected)
    }

    @Test func startsAnAttemptAnewThatBeganWithoutANetwork() throws {
        let network = FakeNetwork()
        let stage = try Self.stage(network)
        stage.client.connect()
        stage.run()
        stage.advance(by: .seconds(2))
        let first = try #require(stage.connector.attempts.first)
        network.tell(.connected, on: stage)
        #expect(stage.connector.attempts.count == 2)
        let late = ScriptedTransport(target: first.target)
        stage.play { first.completion(.success(late)) }
        #expect(stage.client.state == .connecting)
        stage.open()
        stage.greet()
        #expect(stage.client.state == .connected)
    }

    @Test func aNetworkThatChangesAllTheTimeDoesNotMakeItTryAllTheTime() throws {
        let network = FakeNetwork()
        let stage = try Self.stage(network)
        stage.client.connect()
        stage.run()
        for _ in 0..<100 {
            stage.fail(.unavailable("no route"))
            network.tell(.connected, on: stage)
            stage.advance(by: .milliseconds(10))
        }
        #expect(stage.connector.attempts.count <= 3)
    }

    @Test func replacesALinkThatDidNotSurviveTheSuspend() throws {
        let network = FakeNetwork()
        let stage = try Self.stage(network)
        stage.connect()
        stage.advance(by: .seconds(3_600))
        let attempts = stage.connector.attempts.count
        network.tell(.woke(after: .seconds(3_600)), on: stage)
        stage.advance(by: .seconds(1))
        stage.run()
        #expect(stage.connector.attempts.count == attempts + 1)
        #expect(stage.client.state == .connecting)
    }

    @Test func keepsALinkThatAnswersAfterTheChange() throws {
        let network = FakeNetwork()
        let stage = try Self.stage(network)
        stage.connect()
        network.tell(.woke(after: .seconds(5)), on: stage)
        stage.say(.system, "hello", "GATEWAY")
        stage.advance(by: .seconds(2))
        #expect(stage.connector.attempts.count == 1)
        #expect(stage.client.state == .connected)
        #expect(stage.client.status.unansweredSince == nil)
    }

    @Test func doesNotConnectAClientThatWasDisconnected() throws {
        let network = FakeNetwork()
        let stage = try Self.stage(network)
        stage.connect()
        stage.client.disconnect()
        stage.run()
        network.tell(.connected, on: stage)
        #expect(stage.connector.attempts.count == 1)
    }
}
