import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct ByteChannelTests {
    @Test func carriesBytesBothWaysOverTCP() async throws {
        let net = try await Loopback()
        let client = try await net.connect()
        await client.write(Array("hello".utf8))
        #expect(await client.received(5) == Array("hello".utf8))
        await net.stop()
    }

    @Test func carriesBytesBothWaysOverAUnixSocket() async throws {
        let net = try await Loopback(address: .unix("/tmp/pond-\(UInt64.random(in: 0 ..< .max)).sock"), loops: 2)
        let client = try await net.connect()
        await client.write(Array("hello".utf8))
        #expect(await client.received(5) == Array("hello".utf8))
        await net.stop()
    }

    @Test func keepsOrderAndLosesNothingWhenThePeerIsSlow() async throws {
        let net = try await Loopback()
        let client = try await net.connect()
        await client.pause()
        var sent: [UInt8] = []
        for round in 0..<200 {
            let chunk = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ round) }
            sent += chunk
            await client.write(chunk)
        }
        await client.resume()
        #expect(await client.received(sent.count) == sent)
        await net.stop()
    }

    @Test func writesWhatIsQueuedBeforeItCloses() async throws {
        let net = try await Loopback(behaviour: .sendAndClose(bytes: 3_000_000))
        let client = try await net.connect()
        await client.write([1])
        let end = await client.ended()
        #expect(end == .closed)
        #expect(await client.all().count == 3_000_000)
        await net.stop()
    }

    @Test func aPeerThatHalfClosesStillGetsItsAnswer() async throws {
        let net = try await Loopback(behaviour: .echoAtEnd)
        let client = try await net.connect()
        await client.write(Array("question".utf8))
        await client.close()
        #expect(await client.ended() == .closed)
        #expect(await net.served() == Array("question".utf8))
        await net.stop()
    }

    @Test func anAbortReachesThePeerAsAReset() async throws {
        let net = try await Loopback()
        let client = try await net.connect()
        await client.write([1])
        _ = await client.received(1)
        await client.abort()
        #expect(await client.ended() == .aborted)
        #expect(await net.serverEnd() == .failed(.connectionReset))
        await net.stop()
    }

    @Test func aPeerThatNeverClosesIsCutWhenItsTimeIsOver() async throws {
        let net = try await Loopback(behaviour: .ignoreEnd)
        let client = try await net.connect()
        await client.write([1])
        await client.close(within: .milliseconds(20))
        #expect(await client.ended() == .timedOut)
        await net.stop()
    }

    @Test func refusesMoreConnectionsThanTheGateAdmits() async throws {
        let gate = ConnectionGate(total: 2, perAddress: 10)
        let net = try await Loopback(gate: gate)
        let first = try await net.connect()
        let second = try await net.connect()
        for client in [first, second] {
            await client.write([1])
            _ = await client.received(1)
        }
        // The reset may come while the third is still being set up, or after.
        if let third = try? await net.connect() {
            #expect(await third.ended() == .failed(.connectionReset))
        }
        await first.abort()
        _ = await first.ended()
        _ = await net.serverEnd()
        let fourth = try await net.connect()
        await fourth.write([9])
        #expect(await fourth.received(1) == [9])
        #expect(gate.refused == 1)
        await net.stop()
    }

    @Test func aSecondServerCannotJoinAPortThatIsInUse() async throws {
        let net = try await Loopback(loops: 2)
        let loops = net.loops
        await #expect(throws: PondError.self) {
            _ = try await Listener.listen(on: net.listener.address, loops: loops) { _ in }
        }
        await net.stop()
    }

    @Test func channelsEndWhenTheirLoopStops() async throws {
        let net = try await Loopback()
        let client = try await net.connect()
        await net.clientLoop.stop()
        #expect(await client.ended() == .loopStopped)
        await net.stop()
    }
}
