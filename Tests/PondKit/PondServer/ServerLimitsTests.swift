import PondKit
import PondTesting
import Testing

/// Each bound is attacked by one client while another one is served.
@Suite struct ServerLimitsTests {
    private func served(_ session: PondTestSession, _ channel: String = "/bench/ok") -> Bool {
        session.join(channel)
        let id = session.send(channel, "echo")
        return session.receiveAll().last?.requestId == id
    }

    @Test func boundsTheLengthOfNames() throws {
        let pond = try TracedApplication.make()
        let attacker = try pond.test.connect("/socket")
        let other = try pond.test.connect("/socket")
        let limits = pond.options.limits
        attacker.join("/bench/" + String(repeating: "x", count: limits.channelNameBytes))
        attacker.send("/bench/1", String(repeating: "e", count: limits.eventNameBytes + 1))
        attacker.send(
            ClientMessage(
                action: .broadcast,
                event: "echo",
                channelName: "/bench/1",
                requestId: String(repeating: "r", count: limits.requestIdBytes + 1)
            )
        )
        let answers = attacker.receiveAll()
        #expect(answers.map(\.event) == ["INVALID_MESSAGE", "INVALID_MESSAGE", "INVALID_MESSAGE"])
        #expect(answers.allSatisfy { $0.requestId.utf8.count <= limits.requestIdBytes })
        #expect(self.served(other))
        #expect(self.served(attacker))
        #expect(pond.channelCount == 1)
    }

    @Test func boundsTheChannelsOfTheServer() throws {
        let pond = try TracedApplication.make { $0.limits.channels = 3 }
        let attacker = try pond.test.connect("/socket")
        let other = try pond.test.connect("/socket")
        #expect(self.served(other))
        for index in 0..<10 { attacker.join("/bench/\(index)") }
        let answers = attacker.receiveAll()
        #expect(answers.filter { $0.event == "ACKNOWLEDGE" }.count == 2)
        #expect(answers.filter { $0.event == "UNAUTHORIZED" && $0.payload["code"] == 503 }.count == 8)
        #expect(self.served(other))
        attacker.abort()
        pond.test.run()
        #expect(pond.channelCount == 1)
        #expect(self.served(other, "/bench/new"))
    }

    @Test func boundsTheMembersOfAChannel() throws {
        let pond = try TracedApplication.make { $0.limits.membersPerChannel = 2 }
        let members = try (0..<4).map { _ in try pond.test.connect("/socket") }
        for member in members { member.join("/bench/1") }
        #expect(
            members.map { $0.receive()?.event } == ["ACKNOWLEDGE", "ACKNOWLEDGE", "UNAUTHORIZED", "UNAUTHORIZED"]
        )
        members[0].leave("/bench/1")
        members[2].join("/bench/1")
        #expect(members[2].receive()?.event == "ACKNOWLEDGE")
    }

    @Test func answersFaultyMessagesNoOftenerThanTheRateAllows() throws {
        let pond = try TracedApplication.make { options in
            options.limits.messageBurst = 5
            options.limits.messagesPerSecond = 1
        }
        let attacker = try pond.test.connect("/socket")
        let other = try pond.test.connect("/socket")
        for _ in 0..<100 { attacker.send(text: "nonsense") }
        #expect(attacker.receiveAll().count == 5)
        #expect(self.served(other))
    }

    @Test func makesNoChannelForAJoinThatIsNotAccepted() throws {
        let pond = try TracedApplication.make()
        let attacker = try pond.test.connect("/socket")
        for index in 0..<200 { attacker.join("/private/\(index)") }
        #expect(attacker.receiveAll().count == 200)
        #expect(pond.channelCount == 0)
        attacker.join("/bench/1")
        #expect(attacker.receive()?.event == "ACKNOWLEDGE")
    }

    @Test func neverRefusesToLetAMemberGo() throws {
        let pond = try TracedApplication.make {
            $0.limits.messageBurst = 4
            $0.limits.messagesPerSecond = 1
        }
        let attacker = try pond.test.connect("/socket")
        attacker.join("/bench/1")
        for _ in 0..<10 { attacker.send("/bench/1", "message") }
        attacker.leave("/bench/1")
        let events = attacker.receiveAll().map(\.event)
        #expect(events.contains("CHANNEL_ERROR"))
        #expect(events.last == "EXIT_ACKNOWLEDGE")
        #expect(pond.channelCount == 0)
        for _ in 0..<3 { attacker.leave("/bench/1") }
        #expect(attacker.receiveAll().map(\.event) == ["CHANNEL_ERROR", "CHANNEL_ERROR", "CHANNEL_ERROR"])
    }
}
