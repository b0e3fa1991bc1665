import PondTestSupport
import PondTesting
import Testing

@testable import PondClient
@testable import PondCore

@Suite struct OutboxTests {
    static let t0 = MonotonicTime.zero

    static func message(_ id: String) -> OutgoingMessage {
        OutgoingMessage(id: id, event: "message", payload: .empty, now: t0)
    }

    static func outbox(_ count: Int, capacity: Int = 100, window: Int = 256) -> Outbox {
        var outbox = Outbox(capacity: capacity, window: window)
        for index in 0..<count { _ = outbox.enqueue(message("\(index)"), now: t0) }
        return outbox
    }

    @Test func sendsInOrderAndForgetsWhatNobodyConfirms() {
        var outbox = Self.outbox(3)
        expect(outbox.takeNext(confirmed: false, now: Self.t0).map(\.id), is: ["0", "1", "2"])
        #expect(outbox.isSettled)
        expect(outbox.takeUnconfirmed(confirmed: false, now: Self.t0).isEmpty, is: true)
    }

    @Test func keepsWhatWasSentUntilItIsConfirmed() {
        var outbox = Self.outbox(2)
        let sent = outbox.takeNext(confirmed: true, now: Self.t0)
        #expect(sent.map(\.state) == [.sending, .sending])
        #expect(outbox.sendingCount == 2)
        expect(outbox.delivered(requestId: "1", now: Self.t0)?.state, is: .delivered)
        expect(outbox.delivered(requestId: "1", now: Self.t0), is: nil)
        #expect(outbox.messages.map(\.id) == ["0"])
    }

    @Test func sendsWhatIsUnconfirmedInItsOrderBeforeAnythingNew() {
        var outbox = Self.outbox(3)
        _ = outbox.takeNext(confirmed: true, now: Self.t0)
        _ = outbox.delivered(requestId: "1", now: Self.t0)
        expect(outbox.disconnected(now: Self.t0).map(\.state), is: [.queued, .queued])
        expect(outbox.disconnected(now: Self.t0).isEmpty, is: true)
        _ = outbox.enqueue(Self.message("new"), now: Self.t0)
        #expect(outbox.queuedCount == 3)
        let again = outbox.takeUnconfirmed(confirmed: true, now: Self.t0)
        #expect(again.map(\.requestId) == ["0", "2"])
        #expect(again.map(\.tries) == [2, 2])
        expect(outbox.takeNext(confirmed: true, now: Self.t0).map(\.id), is: ["new"])
        #expect(outbox.messages.map(\.id) == ["0", "2", "new"])
    }

    @Test func dropsTheOldestThatWasNeverSentWhenFull() {
        var outbox = Self.outbox(2, capacity: 3)
        _ = outbox.takeNext(confirmed: true, now: Self.t0)
        var dropped: [String] = []
        for index in 2..<7 {
            if let lost = outbox.enqueue(Self.message("\(index)"), now: Self.t0) { dropped.append(lost.id) }
        }
        #expect(dropped == ["2", "3"])
        expect(outbox.takeUnconfirmed(confirmed: true, now: Self.t0).map(\.id), is: ["0", "1"])
        expect(outbox.takeNext(confirmed: true, now: Self.t0).map(\.id), is: ["4", "5", "6"])
        #expect(outbox.failedCount == 2)
    }

    @Test func keepsTheUnconfirmedWithinAWindow() {
        var outbox = Self.outbox(5, window: 2)
        expect(outbox.takeNext(confirmed: true, now: Self.t0).map(\.id), is: ["0", "1"])
        expect(outbox.takeNext(confirmed: true, now: Self.t0).isEmpty, is: true)
        _ = outbox.delivered(requestId: "0", now: Self.t0)
        expect(outbox.takeNext(confirmed: true, now: Self.t0).map(\.id), is: ["2"])
    }

    @Test func keepsFailedMessagesForARetryUnderANewNameOnTheWire() throws {
        var outbox = Self.outbox(2)
        _ = outbox.takeNext(confirmed: true, now: Self.t0)
        let limited = PondError.rateLimited("slow down", retryAfter: 2)
        expect(outbox.failed(requestId: "0", limited, now: Self.t0)?.state, is: .failed(limited))
        #expect(outbox.failedCount == 1)
        let retry = outbox.retry(id: "0", requestId: "0-again", now: Self.t0)
        let retried = try #require(retry)
        #expect(retried.queued.state == .queued)
        expect(outbox.takeNext(confirmed: true, now: Self.t0).map(\.requestId), is: ["0-again"])
        expect(outbox.delivered(requestId: "0", now: Self.t0), is: nil)
        expect(outbox.delivered(requestId: "0-again", now: Self.t0)?.id, is: "0")
        expect(outbox.retry(id: "0", requestId: "x", now: Self.t0)?.queued, is: nil)
    }

    @Test func dropsAMessageWhereverItIs() {
        var outbox = Self.outbox(3)
        _ = outbox.takeNext(confirmed: true, now: Self.t0)
        _ = outbox.failed(requestId: "0", .notFound("no"), now: Self.t0)
        _ = outbox.enqueue(Self.message("3"), now: Self.t0)
        for id in ["0", "1", "3"] { expect(outbox.drop(id: id, now: Self.t0)?.id, is: id) }
        expect(outbox.drop(id: "0", now: Self.t0), is: nil)
        #expect(outbox.messages.map(\.id) == ["2"])
    }

    @Test func failsEverythingWhenTheChannelIsOver() {
        var outbox = Self.outbox(2)
        _ = outbox.takeNext(confirmed: true, now: Self.t0)
        _ = outbox.enqueue(Self.message("2"), now: Self.t0)
        expect(outbox.close(.over("left"), now: Self.t0).map(\.id), is: ["0", "1", "2"])
        #expect(outbox.isSettled)
    }

    @Test func boundsTheFailedOnesToo() {
        var outbox = Self.outbox(50, capacity: 4)
        #expect(outbox.failedCount == 4)
        for message in outbox.takeNext(confirmed: true, now: Self.t0) {
            _ = outbox.failed(requestId: message.requestId, .notFound("no"), now: Self.t0)
        }
        #expect(outbox.failedCount == 4)
    }

    /// A server that cuts, loses confirmations and answers repeats from memory sees each message once, in order.
    @Test func deliversEachMessageOnceInOrderWhateverIsCut() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var outbox = Outbox(capacity: 10_000, window: 8)
        var applied: [String] = []
        var known: Set<String> = []
        var made = 0
        func serve(_ messages: [OutgoingMessage], cutAfter: Int, confirming: Int) {
            for (index, message) in messages.enumerated() where index < cutAfter {
                if known.insert(message.requestId).inserted { applied.append(message.id) }
                if index < confirming { _ = outbox.delivered(requestId: message.requestId, now: Self.t0) }
            }
        }
        while applied.count < 2_000 || !outbox.isSettled {
            for _ in 0..<Int.random(in: 0...5, using: &random) where made < 2_000 {
                _ = outbox.enqueue(Self.message("\(made)"), now: Self.t0)
                made += 1
            }
            var batch = outbox.takeNext(confirmed: true, now: Self.t0)
            let cut = Int.random(in: 0...12, using: &random)
            serve(batch, cutAfter: cut, confirming: Int.random(in: 0...12, using: &random))
            if cut < 8 {
                _ = outbox.disconnected(now: Self.t0)
                batch = outbox.takeUnconfirmed(confirmed: true, now: Self.t0)
                let reach = Int.random(in: 0...8, using: &random)
                serve(batch, cutAfter: reach, confirming: reach)
                if reach < batch.count {
                    _ = outbox.disconnected(now: Self.t0)
                    serve(outbox.takeUnconfirmed(confirmed: true, now: Self.t0), cutAfter: .max, confirming: .max)
                }
            } else if cut < batch.count || !outbox.isSettled {
                _ = outbox.disconnected(now: Self.t0)
                serve(outbox.takeUnconfirmed(confirmed: true, now: Self.t0), cutAfter: .max, confirming: .max)
            }
        }
        #expect(applied == (0..<2_000).map(String.init), "seed \(seed)")
    }
}
