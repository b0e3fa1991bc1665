import Testing

@testable import PondKit

private func change(_ event: PresenceEvent, _ id: String, _ presence: Payload) -> ClusterAction {
    .presence([PresenceChange(event: event, userId: id, presence: presence)])
}

private let away: Payload = ["s": "away"]
private let here: Payload = ["s": "here"]

@Suite struct ClusterMachineTests {
    private static let broadcast = DistributedMessage.Broadcast(
        fromUserId: "u",
        event: "e",
        payload: ["t": 1],
        requestId: "r",
        recipients: .allExceptSender
    )

    /// Every message about user `u`, from node `n`.
    private static func messages(about id: String) -> [DistributedMessage.Body] {
        [
            .stateRequest(fromNode: "n"),
            .stateResponse([DistributedUser(id: id, assigns: ["a": 1], presence: here)]),
            .userJoined(DistributedUser(id: id, assigns: ["a": 2])),
            .userLeft(userId: id),
            .userMessage(self.broadcast),
            .presenceUpdate(userId: id, presence: away),
            .presenceRemoved(userId: id),
            .assignsUpdate(userId: id, change: .set(key: "k", value: 1)),
            .evictUser(userId: id, reason: "why"),
            .userRemove(userId: id),
            .userGetRequest(userId: id, requestId: "r", fromNode: "n"),
            .userGetResponse(requestId: "r", user: DistributedUser(id: id)),
            .nodeHeartbeat(nodeId: "n"),
        ]
    }

    /// What each of them does to a user in each situation; in the order of `messages`.
    private static let live: [(situation: String, actions: [[ClusterAction]], remains: [Bool])] = [
        (
            "unknown",
            [
                [.publishState], [change(.join, "u", here)], [], [], [.deliver(broadcast)], [change(.join, "u", away)],
                [], [], [], [], [], [], [],
            ],
            [false, true, true, false, false, true, false, false, false, false, false, false, false]
        ),
        (
            "joined",
            [
                [.publishState], [], [], [], [.deliver(broadcast)], [change(.join, "u", away)], [], [], [], [], [], [],
                [],
            ],
            [true, true, true, false, true, true, true, true, true, true, true, true, true]
        ),
        (
            "tracked",
            [
                [.publishState], [], [], [change(.leave, "u", here)], [.deliver(broadcast)],
                [change(.update, "u", away)], [change(.leave, "u", here)], [], [], [], [], [], [],
            ],
            [true, true, true, false, true, true, true, true, true, true, true, true, true]
        ),
        (
            "claimed",
            [
                [.publishState], [], [], [change(.leave, "u", here)], [.deliver(broadcast)],
                [change(.update, "u", away)], [change(.leave, "u", here)], [], [], [], [], [], [],
            ],
            [true, true, true, false, true, true, true, true, true, true, true, true, true]
        ),
        (
            "moved away from n",
            [
                [.publishState], [], [], [], [.deliver(broadcast)], [], [], [], [], [], [], [], [],
            ],
            [true, true, true, true, true, true, true, true, true, true, true, true, true]
        ),
    ]

    private static func driver(_ situation: String) -> ClusterMachineDriver {
        var driver = ClusterMachineDriver.live()
        switch situation {
        case "joined":
            _ = driver.hear("n", .userJoined(DistributedUser(id: "u")))
        case "tracked":
            _ = driver.hear("n", .userJoined(DistributedUser(id: "u")))
            _ = driver.hear("n", .presenceUpdate(userId: "u", presence: here))
        case "claimed":
            _ = driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)]))
        case "moved away from n":
            _ = driver.hear("n", .userJoined(DistributedUser(id: "u")))
            _ = driver.hear("n2", .userJoined(DistributedUser(id: "u", presence: here)))
        default: break
        }
        return driver
    }

    @Test func everyMessageDoesItsPartInEverySituationOfAUser() {
        for row in Self.live {
            for (index, body) in Self.messages(about: "u").enumerated() {
                var driver = Self.driver(row.situation)
                #expect(driver.hear("n", body) == row.actions[index], "\(row.situation): \(body.type)")
                #expect((driver.machine["u"] != nil) == row.remains[index], "\(row.situation): \(body.type)")
            }
        }
    }

    @Test func messagesAboutALocalUserGoToThatUserAndLeaveNoTrace() {
        let expected: [[ClusterAction]] = [
            [.publishState], [], [], [], [.deliver(Self.broadcast)],
            [.localPresence(userId: "local", presence: away)], [.localPresence(userId: "local", presence: nil)],
            [.localAssigns(userId: "local", change: .set(key: "k", value: 1))],
            [.evict(userId: "local", reason: "why")], [.remove(userId: "local")],
            [.answer(userId: "local", requestId: "r")], [], [],
        ]
        for (index, body) in Self.messages(about: "local").enumerated() {
            var driver = ClusterMachineDriver.live()
            #expect(driver.hear("n", body) == expected[index], "\(body.type)")
            #expect(driver.userIds == [])
        }
    }

    @Test func nothingHappensBeforeTheTopicIsHeardWhileItIsNotAndAfterTheChannelIsGone() {
        for body in Self.messages(about: "u") + Self.messages(about: "local") {
            var joining = ClusterMachineDriver()
            var apart = ClusterMachineDriver.live()
            apart.machine.interrupted(now: .zero)
            var closed = ClusterMachineDriver.live()
            _ = closed.machine.closed()
            #expect(joining.hear("n", body, watches: true) == [])
            #expect(apart.hear("n", body, watches: true) == [])
            #expect(closed.hear("n", body, watches: true) == [])
            #expect(joining.userIds + apart.userIds + closed.userIds == [])
        }
    }

    @Test func itsOwnMessagesAreNobodys() {
        for body in Self.messages(about: "u") + Self.messages(about: "local") {
            var driver = ClusterMachineDriver.live()
            #expect(driver.hear("me", body, watches: true) == [])
        }
    }

    @Test func asksForStateWhenTheTopicIsHeardAndNotTwice() {
        var driver = ClusterMachineDriver()
        #expect(driver.machine.subscribed(now: .zero) == [.publish(.stateRequest(fromNode: "me"))])
        #expect(driver.machine.subscribed(now: .zero) == [])
        _ = driver.machine.closed()
        #expect(driver.machine.subscribed(now: .zero) == [])
    }

    // MARK: Leaving

    @Test func removedAndLeftInEitherOrderIsOneLeave() {
        for order in [[0, 1], [1, 0], [0, 1, 0, 1], [1, 1, 0, 0]] {
            var driver = Self.driver("tracked")
            let bodies: [DistributedMessage.Body] = [.presenceRemoved(userId: "u"), .userLeft(userId: "u")]
            var actions: [ClusterAction] = []
            for index in order { actions += driver.hear("n", bodies[index]) }
            #expect(actions == [change(.leave, "u", here)])
            #expect(driver.userIds == [])
        }
    }

    @Test func aGoodbyeThatOvertookOlderMessagesStands() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .userLeft(userId: "u"), at: 100)
        #expect(driver.hear("n", .presenceUpdate(userId: "u", presence: away), at: 99) == [])
        #expect(driver.hear("n", .userJoined(DistributedUser(id: "u")), at: 98) == [])
        #expect(driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)]), at: 100) == [])
        #expect(driver.userIds == [])
        _ = driver.hear("n", .userJoined(DistributedUser(id: "u")), at: 100)
        #expect(driver.hear("n", .presenceUpdate(userId: "u", presence: away), at: 100) == [change(.join, "u", away)])
    }

    @Test func aDepartureIsForgottenAfterAWhile() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .userLeft(userId: "u"), at: 100)
        _ = driver.wait(.seconds(10))
        _ = driver.hear("n", .userJoined(DistributedUser(id: "u")), at: 1)
        #expect(driver.userIds == ["u"])
    }

    @Test func aUserThatIsTrackedNoMoreAndWhoseNodeDoesNotKnowItIsDropped() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .presenceRemoved(userId: "u"))
        #expect(
            driver.wait(.milliseconds(500))
                == [.publish(.userGetRequest(userId: "u", requestId: "t", fromNode: "me"))]
        )
        #expect(driver.userIds == ["u"])
        #expect(driver.wait(.milliseconds(500)) == [])
        #expect(driver.userIds == [])
    }

    @Test func aUserThatIsTrackedNoMoreStaysWhenItsNodeAnswersForIt() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .presenceRemoved(userId: "u"))
        _ = driver.wait(.milliseconds(500))
        _ = driver.hear("n", .userGetResponse(requestId: "t", user: DistributedUser(id: "u")))
        #expect(driver.wait(.seconds(5)) == [])
        #expect(driver.userIds == ["u"])
    }

    // MARK: Moving

    @Test func theLateGoodbyeOfTheOldNodeDoesNotTouchAUserThatMoved() {
        var driver = Self.driver("tracked")
        #expect(driver.hear("n2", .userJoined(DistributedUser(id: "u"))) == [])
        #expect(driver.hear("n2", .presenceUpdate(userId: "u", presence: away)) == [change(.update, "u", away)])
        #expect(driver.hear("n", .presenceRemoved(userId: "u")) == [])
        #expect(driver.hear("n", .userLeft(userId: "u")) == [])
        #expect(driver.trackedIds == ["u"])
        #expect(driver.hear("n2", .userLeft(userId: "u")) == [change(.leave, "u", away)])
    }

    @Test func thePresenceOfTheOldNodeGoesWithItsGoodbyeWhenTheNewOneTracksNothing() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n2", .userJoined(DistributedUser(id: "u")))
        #expect(driver.hear("n", .userLeft(userId: "u")) == [change(.leave, "u", here)])
        #expect(driver.userIds == ["u"])
    }

    @Test func aUserThatJoinsHereIsNoRemoteUserAnyMore() {
        var driver = Self.driver("tracked")
        #expect(driver.machine.localJoined("u") == [change(.leave, "u", here)])
        #expect(driver.userIds == [])
        var untracked = Self.driver("joined")
        #expect(untracked.machine.localJoined("u") == [])
        #expect(untracked.machine.localJoined("stranger") == [])
    }

    // MARK: State

    @Test func manyQuestionsAboutStateInAMomentGetTwoAnswers() {
        var driver = ClusterMachineDriver.live()
        var actions: [ClusterAction] = []
        for number in 0..<100 { actions += driver.hear("n\(number)", .stateRequest(fromNode: "")) }
        #expect(actions == [.publishState])
        #expect(driver.machine.nextDeadline == .zero + .milliseconds(250))
        #expect(driver.wait(.milliseconds(250)) == [.publishState])
        #expect(driver.machine.nextDeadline == nil)
    }

    @Test func aLateJoinerLearnsAllUsersInOneGo() {
        var driver = ClusterMachineDriver.live()
        let users = [
            DistributedUser(id: "a", assigns: ["n": 1], presence: here), DistributedUser(id: "b"),
            DistributedUser(id: "local", presence: away), DistributedUser(id: "c", presence: away),
        ]
        #expect(
            driver.hear("n", .stateResponse(users), watches: true) == [
                .watch(node: "n"),
                .presence([
                    PresenceChange(event: .join, userId: "a", presence: here),
                    PresenceChange(event: .join, userId: "c", presence: away),
                ]),
            ]
        )
        #expect(driver.machine["a"]?.assigns == ["n": 1])
        #expect(driver.userIds == ["a", "b", "c"])
    }

    @Test func stateDoesNotOverwriteWhatWasHeardSince() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .presenceUpdate(userId: "u", presence: away))
        #expect(driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)])) == [])
        #expect(driver.machine["u"]?.presence == away)
    }

    @Test func assignsOfRemoteUsersFollowTheirNode() {
        var driver = Self.driver("joined")
        _ = driver.hear("n", .assignsUpdate(userId: "u", change: .replace(["a": 1, "b": 2])))
        _ = driver.hear("n", .assignsUpdate(userId: "u", change: .set(key: "b", value: "x")))
        #expect(driver.machine["u"]?.assigns == ["a": 1, "b": "x"])
        driver.machine.changedAssigns(of: "u", to: .set(key: "c", value: nil))
        #expect(driver.machine["u"]?.assigns == ["a": 1, "b": "x", "c": nil])
        driver.machine.changedPresence(of: "u", to: away)
        #expect(driver.trackedIds == ["u"])
    }

    // MARK: Dead nodes

    @Test func aDeadNodesUsersLeaveOnceEach() {
        var driver = ClusterMachineDriver.live()
        for id in ["a", "b", "c"] {
            _ = driver.hear("n", .userJoined(DistributedUser(id: id)))
            if id != "c" { _ = driver.hear("n", .presenceUpdate(userId: id, presence: here)) }
        }
        _ = driver.hear("other", .userJoined(DistributedUser(id: "d", presence: here)))
        #expect(
            driver.die("n") == [
                .presence([
                    PresenceChange(event: .leave, userId: "a", presence: here),
                    PresenceChange(event: .leave, userId: "b", presence: here),
                ])
            ]
        )
        #expect(driver.die("n") == [])
        #expect(driver.hear("n", .userLeft(userId: "a")) == [])
        #expect(driver.userIds == ["d"])
    }

    @Test func aNodeThatWasTakenForDeadIsAskedForItsUsersWhenItSpeaksAgain() {
        var driver = Self.driver("tracked")
        _ = driver.die("n")
        #expect(driver.machine.nodeLives("n", now: .zero) == [.publish(.stateRequest(fromNode: "me"))])
        #expect(driver.machine.nodeLives("n", now: .zero) == [])
        #expect(driver.machine.nodeLives("stranger", now: .zero) == [])
        #expect(
            driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)])) == [change(.join, "u", here)]
        )
    }

    /// A node of the JavaScript runtime answers about state with users of others too.
    @Test func aUserThatSeveralNodesNamedStaysWhileOneAnswersForIt() {
        for answered in [true, false] {
            var driver = ClusterMachineDriver.live()
            _ = driver.hear("relay", .stateResponse([DistributedUser(id: "u", presence: here)]))
            _ = driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)]))
            #expect(
                driver.die("relay") == [.publish(.userGetRequest(userId: "u", requestId: "d", fromNode: "me"))]
            )
            if answered { _ = driver.hear("n", .userGetResponse(requestId: "d", user: DistributedUser(id: "u"))) }
            #expect(driver.wait(.milliseconds(500)) == (answered ? [] : [change(.leave, "u", here)]))
            #expect(driver.userIds == (answered ? ["u"] : []))
            #expect(driver.die("n") == (answered ? [change(.leave, "u", here)] : []))
        }
    }

    @Test func everyNodeWithAUserIsWatched() {
        var driver = ClusterMachineDriver.live()
        let joined = DistributedMessage.Body.userJoined(DistributedUser(id: "u"))
        #expect(driver.hear("n", joined, watches: true) == [.watch(node: "n")])
        #expect(driver.hear("n", joined, watches: true) == [])
        #expect(driver.hear("n2", joined, watches: true) == [.watch(node: "n2")])
        #expect(Array(driver.machine.remoteNodes) == ["n2"])
    }

    // MARK: Interruption

    @Test func afterAnInterruptionStateIsAskedForAndGiven() {
        var driver = ClusterMachineDriver.live()
        #expect(driver.interrupt(for: .seconds(5)) == [.publish(.stateRequest(fromNode: "me")), .publishState])
        #expect(
            driver.interrupt(for: .seconds(90))
                == [.publish(.stateRequest(fromNode: "me")), .publishState, .publishPresence]
        )
    }

    @Test func whatChangedDuringAnInterruptionIsLearntFromState() {
        var driver = ClusterMachineDriver.live()
        for id in ["same", "changed", "untracked", "gone"] {
            _ = driver.hear("n", .userJoined(DistributedUser(id: id, presence: here)))
        }
        _ = driver.interrupt(for: .seconds(5))
        #expect(driver.trackedIds.count == 4)
        let users = [
            DistributedUser(id: "same", presence: here), DistributedUser(id: "changed", presence: away),
            DistributedUser(id: "untracked"), DistributedUser(id: "new", presence: here),
        ]
        #expect(
            driver.hear("n", .stateResponse(users)) == [
                .presence([
                    PresenceChange(event: .update, userId: "changed", presence: away),
                    PresenceChange(event: .leave, userId: "untracked", presence: here),
                    PresenceChange(event: .join, userId: "new", presence: here),
                ])
            ]
        )
        #expect(driver.wait(.seconds(3)) == [change(.leave, "gone", here)])
        #expect(driver.userIds == ["changed", "new", "same", "untracked"])
    }

    @Test func aNodeWithoutUsersSaysNothingAndLosesThemOnceItIsHeard() {
        var driver = Self.driver("tracked")
        _ = driver.interrupt(for: .seconds(5))
        #expect(driver.wait(.seconds(60)) == [])
        #expect(driver.machine.nodeLives("n", now: driver.now) == [.publish(.stateRequest(fromNode: "me"))])
        #expect(driver.wait(.seconds(3)) == [change(.leave, "u", here)])
    }

    @Test func aUserHeardOfAfterAnInterruptionIsConfirmed() {
        for body: DistributedMessage.Body in [
            .userJoined(DistributedUser(id: "u")), .presenceUpdate(userId: "u", presence: here),
        ] {
            var driver = Self.driver("tracked")
            _ = driver.interrupt(for: .seconds(5))
            _ = driver.machine.nodeLives("n", now: driver.now)
            _ = driver.hear("n", body)
            #expect(driver.wait(.seconds(3)) == [])
            #expect(driver.userIds == ["u"])
        }
    }

    @Test func aSecondInterruptionEndsTheWaitOfTheFirst() {
        var driver = Self.driver("tracked")
        _ = driver.interrupt(for: .seconds(5))
        _ = driver.machine.nodeLives("n", now: driver.now)
        _ = driver.interrupt(for: .seconds(1))
        #expect(driver.wait(.seconds(3)) == [])
        #expect(driver.userIds == ["u"])
    }

    // MARK: Questions

    @Test func aQuestionForAUserIsAnsweredFromWhatIsKnown() {
        var driver = Self.driver("tracked")
        #expect(
            driver.machine.question("u", requestId: "r", now: .zero)
                == .known(DistributedUser(id: "u", presence: here))
        )
    }

    @Test func aQuestionForAnUnknownUserWaitsHalfASecond() {
        var driver = ClusterMachineDriver.live()
        let user = DistributedUser(id: "x", assigns: ["a": 1])
        for (id, request) in [("x", "r1"), ("y", "r2")] {
            #expect(
                driver.machine.question(id, requestId: request, now: .zero)
                    == .ask(.userGetRequest(userId: id, requestId: request, fromNode: "me"))
            )
        }
        #expect(driver.hear("n", .userGetResponse(requestId: "r1", user: DistributedUser(id: "other"))) == [])
        #expect(
            driver.hear("n", .userGetResponse(requestId: "r1", user: user)) == [.found(requestId: "r1", user: user)]
        )
        #expect(driver.hear("n2", .userGetResponse(requestId: "r1", user: user)) == [])
        #expect(driver.wait(.milliseconds(499)) == [])
        #expect(driver.wait(.milliseconds(1)) == [.found(requestId: "r2", user: nil)])
    }

    @Test func questionsAreRefusedWhereNobodyHearsAndEndWithTheChannel() {
        var joining = ClusterMachineDriver()
        #expect(joining.machine.question("x", requestId: "r", now: .zero) == .refused)
        var driver = ClusterMachineDriver.live()
        _ = driver.machine.question("x", requestId: "r", now: .zero)
        #expect(driver.machine.closed() == [.found(requestId: "r", user: nil)])
        #expect(driver.machine.question("x", requestId: "r", now: .zero) == .refused)
    }

    // MARK: Limits

    @Test func everythingAPeerCanMakeGrowIsBounded() {
        var limits = ClusterLimits.default
        limits.remoteUsers = 5
        limits.pendingQuestions = 3
        limits.departures = 4
        var driver = ClusterMachineDriver.live(limits: limits)
        var overflows = 0
        for number in 0..<10 {
            if driver.hear("n", .userJoined(DistributedUser(id: "u\(number)"))) == [.overflow] { overflows += 1 }
        }
        #expect(driver.userIds.count == 5)
        #expect(overflows == 5)
        #expect(driver.hear("n", .presenceUpdate(userId: "v", presence: here)) == [.overflow])
        #expect(driver.hear("n", .stateResponse([DistributedUser(id: "w", presence: here)])) == [.overflow])
        for number in 0..<10 { _ = driver.machine.question("q\(number)", requestId: "r\(number)", now: .zero) }
        #expect(driver.wait(.seconds(1)).count == 3)
        for number in 0..<100 { _ = driver.hear("n", .userLeft(userId: "x\(number)"), at: 10) }
        #expect(driver.hear("n", .userJoined(DistributedUser(id: "x3")), at: 1) == [])
        #expect(driver.hear("n", .userJoined(DistributedUser(id: "x4")), at: 1) == [.overflow])
        #expect(driver.wait(.seconds(20)) == [])
        #expect(driver.machine.nextDeadline == nil)
    }
}
