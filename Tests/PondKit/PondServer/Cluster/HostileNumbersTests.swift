import Testing

@testable import PondCore
@testable import PondServer

/// Numbers that another node or a store can give, up to the ends of their types.
@Suite struct HostileNumbersTests {
    private static let numbers = [
        "9223372036854775807", "-9223372036854775808", "18446744073709551615", "9007199254740993", "-1", "-2", "-3",
        "0", "1e300", "inf", "-inf", "nan", "", " 1", "1.5", "99999999999999999999999999",
    ]

    /// Envelopes with every number where the protocol has one.
    @Test func numbersOfEnvelopesAreInRangeOrRefused() throws {
        let numbers = Self.numbers.filter { Double($0) != nil && !["inf", "-inf", "nan", " 1"].contains($0) }
        for number in numbers {
            let head =
                #"{"protocol":"pondsocket.distributed","version":1,"messageId":"m","sourceNodeId":"n","#
                + #""endpointName":"e","channelName":"c","timestamp":\#(number),"#
            for fields in [
                #""type":"USER_MESSAGE","event":"e","payload":{},"offset":\#(number),"epoch":"x"}"#,
                #""type":"STATE_RESPONSE","users":[],"own":[\#(number),\#(number)]}"#,
                #""type":"STATE_RESPONSE","users":[],"own":[0,\#(number)]}"#,
                #""type":"EVICT_USER","userId":"u"}"#,
            ] {
                guard let message = try? DistributedMessage(parsing: Array((head + fields).utf8)) else { continue }
                if case .userMessage(let broadcast) = message.body, let position = broadcast.position {
                    #expect((1...1 << 53).contains(position.offset), "\(number)")
                }
                var driver = ClusterMachineDriver.live()
                _ = driver.hear("n", .userJoined(DistributedUser(id: "u")), at: message.timestamp)
                _ = driver.hear("n", message.body, at: message.timestamp)
            }
        }
    }

    /// A store that gives any number at all: the order of a channel is kept without arithmetic that traps.
    @Test func aLineLivesWithAnyNumbers() {
        let numbers: [UInt64] = [0, 1, 2, 1 << 53, .max - 1, .max]
        for start in numbers {
            for number in numbers {
                var line = SharedLine(at: StreamPosition(epoch: "e", offset: start))
                var apart = ApartLine(.showLocally, limit: 10)
                let broadcast = StoredBroadcast(
                    offset: number,
                    event: "e",
                    requestId: "r",
                    recipients: .all,
                    payload: .empty
                )
                _ = line.arrived(broadcast, epoch: "e", now: .zero)
                _ = line.exists(number, now: .zero)
                _ = line.timeReached(now: MonotonicTime(nanoseconds: .max))
                _ = line.read(.whole([broadcast]), now: .zero)
                let ticket = apart.next
                _ = apart.appended(SharedBroadcast(id: "r", broadcast: broadcast), now: .zero)
                apart.stored(ticket, at: number, out: start, now: .zero)
                _ = apart.goesOut(broadcast, now: .zero)
                #expect(line.position.offset >= start)
            }
        }
    }
}
