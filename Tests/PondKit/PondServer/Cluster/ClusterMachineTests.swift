import Testing

@testable import PondCore
@testable import PondServer

private func change(_ event: PresenceEvent, _ id: String, _ presence: Payload) -> Told { .sees(event, id, presence) }

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
            .stateResponse([DistributedUser(id: id, assigns: ["a": 1], presence: here)], own: .whole),
            .userJoined(DistributedUser(id: id, assigns: ["a": 2])),
            .userLeft(userId: id),
            .userMessage(self.broadcast),
            .presenceUpdate(userId: id, presence: away, key: nil),
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
    private static let live: [(situation: String, actions: [[Told]], remains: [Bool])] = [
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
            [true, true, true, false, true, true, true, true, false, false, true, true, true]
        ),
        (
            "tracked",
            [
                [.publishState], [], [], [change(.leave, "u", here)], [.deliver(broadcast)],
                [change(.update, "u", away)], [change(.leave, "u", here)], [], [change(.leave, "u", here)],
                [change(.leave, "u", here)], [], [], [],
            ],
            [true, true, true, false, true, true, true, true, false, false, true, true, true]
        ),
        (
            "claimed",
            [
                [.publishState], [], [], [change(.leave, "u", here)], [.deliver(broadcast)],
                [change(.update, "u", away)], [change(.leave, "u", here)], [], [change(.leave, "u", here)],
                [change(.leave, "u", here)], [], [], [],
            ],
            [true, true, true, false, true, true, true, true, false, false, true, true, true]
        ),
        (
            "at n and at another node",
            [
                [.publishState], [], [], [], [.deliver(broadcast)], [change(.update, "u", away)], [], [],
                [change(.leave, "u", here)], [change(.leave, "u", here)], [], [], [],
            ],
            [true, true, true, true, true, true, true, true, false, false, true, true, true]
        ),
    ]

    private static func driver(_ situation: String) -> ClusterMachineDriver {
        var driver = ClusterMachineDriver.live()
        switch situation {
        case "joined":
            _ = driver.hear("n", .userJoined(DistributedUser(id: "u")))
        case "tracked":
            _ = driver.hear("n", .userJoined(DistributedUser(id: "u")))
            _ = driver.hear("n", .presenceUpdate(userId: "u", presence: here, key: nil))
        case "claimed":
            _ = driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)], own: nil))
        case "at n and at another node":
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

    @Test func messagesAboutALocalUserGoToThatUser() {
        let expected: [[Told]] = [
            [.publishState], [change(.join, "local", here)], [], [], [.deliver(Self.broadcast)],
            [.localPresence("local", away)], [.localPresence("local", nil)],
            [.localAssigns("local", .set(key: "k", value: 1))],
            [.evict("local", "why")], [.remove("local")],
            [.answer("local", "r")], [], [],
        ]
        for (index, body) in Self.messages(about: "local").enumerated() {
            var driver = ClusterMachineDriver.live()
            #expect(driver.hear("n", body) == expected[index], "\(body.type)")
            // The same person may be at the other node, too.
            let isThere = body.type == .userJoined || body.type == .stateResponse
            #expect(driver.userIds == (isThere ? ["local"] : []), "\(body.type)")
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

    @Test func asksForStateAndTellsItsOwnWhenTheTopicIsHeardAndNotTwice() {
        var driver = ClusterMachineDriver()
        #expect(driver.machine.subscribed(now: .zero) == [.publish(.stateRequest(fromNode: "me")), .publishState])
        #expect(driver.machine.subscribed(now: .zero) == [])
        _ = driver.machine.closed()
        #expect(driver.machine.subscribed(now: .zero) == [])
    }

    // MARK: Leaving

    @Test func removedAndLeftInEitherOrderIsOneLeave() {
        for order in [[0, 1], [1, 0], [0, 1, 0, 1], [1, 1, 0, 0]] {
            var driver = Self.driver("tracked")
            let bodies: [DistributedMessage.Body] = [.presenceRemoved(userId: "u"), .userLeft(userId: "u")]
            var actions: [Told] = []
            for index in order { actions += driver.hear("n", bodies[index]) }
            #expect(actions == [change(.leave, "u", here)])
            #expect(driver.userIds == [])
        }
    }

    @Test func aGoodbyeThatOvertookOlderMessagesStands() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .userLeft(userId: "u"), at: 100)
        #expect(driver.hear("n", .presenceUpdate(userId: "u", presence: away, key: nil), at: 99) == [])
        #expect(driver.hear("n", .userJoined(DistributedUser(id: "u")), at: 98) == [])
        #expect(
            driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)], own: .whole), at: 100) == []
        )
        #expect(driver.userIds == [])
        _ = driver.hear("n", .userJoined(DistributedUser(id: "u")), at: 100)
        #expect(
            driver.hear("n", .presenceUpdate(userId: "u", presence: away, key: nil), at: 100) == [
                change(.join, "u", away)
            ]
        )
    }

    @Test func aDepartureIsForgottenAfterAWhile() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .userLeft(userId: "u"), at: 100)
        _ = driver.wait(.seconds(10))
        _ = driver.hear("n", .userJoined(DistributedUser(id: "u")), at: 1)
        #expect(driver.userIds == ["u"])
    }

    @Test func whoStandsInAnUnreadableEntryOfAnOwnStateIsNotTakenForGone() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .userJoined(DistributedUser(id: "v", presence: here)))
        var part = DistributedMessage.StatePart.whole
        part.isComplete = false
        #expect(
            driver.hear("n", .stateResponse([DistributedUser(id: "w", presence: here)], own: part), at: 9) == [
                change(.join, "w", here)
            ]
        )
        #expect(driver.userIds == ["u", "v", "w"])
        _ = driver.hear("n", .stateResponse([DistributedUser(id: "v", presence: here)], own: .whole), at: 9)
        #expect(driver.userIds == ["v"])
    }

    /// A JavaScript node says EVICT_USER and never USER_LEFT.
    @Test(arguments: ["n", "n2"]) func anEvictionOfARemoteUserIsItsRemovalWithOneLeave(evictor: String) {
        let bodies: [DistributedMessage.Body] = [
            .evictUser(userId: "u", reason: "why"), .presenceRemoved(userId: "u"), .userLeft(userId: "u"),
            .userRemove(userId: "u"),
        ]
        for order in [[0], [3], [0, 1, 2], [2, 1, 0], [1, 0, 2], [3, 1, 2], [2, 3, 1], [0, 0, 3]] {
            var driver = Self.driver("tracked")
            var told: [Told] = []
            for index in order {
                let node = index == 0 || index == 3 ? evictor : "n"
                told += driver.hear(node, bodies[index], at: 100)
            }
            #expect(told == [change(.leave, "u", here)], "\(order)")
            #expect(driver.userIds == [])
        }
    }

    @Test func whatAnEvictingNodeSaidBeforeDoesNotBringTheUserBack() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .evictUser(userId: "u", reason: "why"), at: 100)
        #expect(driver.hear("n", .presenceUpdate(userId: "u", presence: away, key: nil), at: 99) == [])
        #expect(driver.userIds == [])
        _ = driver.hear("n", .userJoined(DistributedUser(id: "u", presence: away)), at: 101)
        #expect(driver.seen == ["u": away])
        // A late repetition is about the stay before.
        #expect(driver.hear("n", .evictUser(userId: "u", reason: "why"), at: 100) == [])
        #expect(driver.seen == ["u": away])
    }

    @Test func whoThisNodeEvictsElsewhereIsGoneHereAtOnce() {
        var driver = Self.driver("tracked")
        #expect(driver.evict("u") == [change(.leave, "u", here)])
        #expect(driver.userIds == [])
        #expect(driver.hear("n", .presenceRemoved(userId: "u")) + driver.hear("n", .userLeft(userId: "u")) == [])
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

    // MARK: One person, several nodes

    @Test func aPersonAtTwoNodesJoinsWithTheFirstAndLeavesWithTheLast() {
        var driver = Self.driver("tracked")
        #expect(driver.hear("n2", .userJoined(DistributedUser(id: "u"))) == [])
        #expect(
            driver.hear("n2", .presenceUpdate(userId: "u", presence: away, key: nil)) == [change(.update, "u", away)]
        )
        #expect(driver.hear("n", .presenceRemoved(userId: "u")) == [])
        #expect(driver.hear("n", .userLeft(userId: "u")) == [])
        #expect(driver.seen == ["u": away])
        #expect(driver.hear("n2", .userLeft(userId: "u")) == [change(.leave, "u", away)])
    }

    @Test func connectionsOfOneKeyAreOneEntryForLocalMembers() {
        var driver = ClusterMachineDriver.live()
        for (node, id) in [("n", "c1"), ("n2", "c2")] {
            _ = driver.hear(node, .userJoined(DistributedUser(id: id)))
            let told = driver.hear(node, .presenceUpdate(userId: id, presence: here, key: "ann"))
            #expect(told == (node == "n" ? [change(.join, "ann", here)] : []))
        }
        #expect(driver.hear("n", .userLeft(userId: "c1")) == [])
        #expect(driver.die("n2") == [change(.leave, "ann", here)])
    }

    @Test func thePresenceOfTheOldNodeGoesWithItsGoodbyeWhenTheNewOneTracksNothing() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n2", .userJoined(DistributedUser(id: "u")))
        #expect(driver.hear("n", .userLeft(userId: "u")) == [change(.leave, "u", here)])
        #expect(driver.userIds == ["u"])
    }

    @Test func aRepeatedGoodbyeDoesNotTouchTheStayElsewhere() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n2", .userJoined(DistributedUser(id: "u", presence: here)))
        _ = driver.hear("n", .userLeft(userId: "u"), at: 5)
        _ = driver.hear("n", .presenceRemoved(userId: "u"), at: 5)
        _ = driver.hear("n", .userLeft(userId: "u"), at: 5)
        #expect(driver.seen == ["u": here])
    }

    @Test func aUserThatJoinsHereIsNotWhereOthersOnlyClaimItIs() {
        var claimed = Self.driver("claimed")
        #expect(claimed.join("u") == [change(.leave, "u", here)])
        #expect(claimed.userIds == [])
        var certain = Self.driver("tracked")
        #expect(certain.join("u") == [])
        #expect(certain.userIds == ["u"])
        #expect(certain.join("stranger") == [])
    }

    @Test func hearsayCountsOnlyWhereNothingIsCertain() {
        let users = [DistributedUser(id: "u", presence: away), DistributedUser(id: "local", presence: away)]
        var driver = Self.driver("tracked")
        #expect(driver.hear("relay", .stateResponse(users, own: nil), watches: true) == [])
        #expect(driver.hear("n", .userLeft(userId: "u")) == [change(.leave, "u", here)])
        #expect(driver.userIds == [])
        #expect(
            driver.hear("relay", .stateResponse(users, own: nil), watches: true)
                == [.watch("relay"), change(.join, "u", away)]
        )
        #expect(
            driver.hear("n2", .userJoined(DistributedUser(id: "u")), watches: true) == [
                .watch("n2"), change(.leave, "u", away),
            ]
        )
        #expect(driver.die("relay") == [])
        #expect(driver.userIds == ["u"])
    }

    @Test func anotherNodesChangeOfAUserReachesTheUserWhereItIs() {
        var driver = Self.driver("tracked")
        #expect(
            driver.hear("n9", .presenceUpdate(userId: "u", presence: away, key: nil)) == [change(.update, "u", away)]
        )
        #expect(driver.hear("n9", .presenceRemoved(userId: "u")) == [change(.leave, "u", away)])
        #expect(driver.hear("n", .userLeft(userId: "u")) == [])
        #expect(driver.userIds == [])
    }

    // MARK: State

    @Test func manyQuestionsAboutStateInAMomentGetTwoAnswers() {
        var driver = ClusterMachineDriver.live()
        var actions: [Told] = []
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
            driver.hear("n", .stateResponse(users, own: nil), watches: true) == [
                .watch("n"),
                change(.join, "a", here),
                change(.join, "c", away),
            ]
        )
        #expect(driver.machine["a"]?.assigns == ["n": 1])
        #expect(driver.userIds == ["a", "b", "c"])
    }

    @Test func stateDoesNotOverwriteWhatWasHeardSince() {
        var driver = Self.driver("tracked")
        _ = driver.hear("n", .presenceUpdate(userId: "u", presence: away, key: nil))
        #expect(driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)], own: .whole)) == [])
        #expect(driver.machine["u"]?.presence == away)
    }

    @Test func whomANodeDoesNotNameAmongAllItsUsersIsGone() {
        var driver = ClusterMachineDriver.live()
        for id in ["a", "b", "c", "new"] {
            let user = DistributedUser(id: id, presence: here)
            _ = driver.hear("n", .userJoined(user), at: id == "new" ? 11 : 1)
        }
        _ = driver.hear("other", .userJoined(DistributedUser(id: "d", presence: here)))
        let part = { DistributedMessage.StatePart(index: $0, count: 2) }
        let state = { DistributedMessage.Body.stateResponse([DistributedUser(id: $0, presence: here)], own: $1) }
        #expect(driver.hear("n", state("a", part(1)), at: 10) == [])
        #expect(driver.hear("n", state("a", part(0)), at: 10) == [])
        #expect(driver.hear("n", state("b", part(1)), at: 12) == [change(.leave, "c", here)])
        #expect(driver.hear("n", .stateResponse([], own: nil), at: 13) == [])
        #expect(driver.userIds == ["a", "b", "d", "new"])
        #expect(driver.hear("n", .stateResponse([], own: .whole), at: 14).count == 3)
        #expect(driver.userIds == ["d"])
    }

    @Test func assignsOfRemoteUsersFollowTheirNode() {
        var driver = Self.driver("joined")
        _ = driver.hear("n", .assignsUpdate(userId: "u", change: .replace(["a": 1, "b": 2])))
        _ = driver.hear("n", .assignsUpdate(userId: "u", change: .set(key: "b", value: "x")))
        #expect(driver.machine["u"]?.assigns == ["a": 1, "b": "x"])
        driver.machine.changedAssigns(of: "u", to: .set(key: "c", value: nil))
        #expect(driver.machine["u"]?.assigns == ["a": 1, "b": "x", "c": nil])
        #expect(driver.machine.changedPresence(of: "u", to: away).count == 1)
        #expect(driver.machine["u"]?.presence == away)
    }

    // MARK: Dead nodes

    @Test func aDeadNodesUsersLeaveOnceEach() {
        var driver = ClusterMachineDriver.live()
        for id in ["a", "b", "c"] {
            _ = driver.hear("n", .userJoined(DistributedUser(id: id)))
            if id != "c" { _ = driver.hear("n", .presenceUpdate(userId: id, presence: here, key: nil)) }
        }
        _ = driver.hear("other", .userJoined(DistributedUser(id: "d", presence: here)))
        #expect(
            driver.die("n") == [
                change(.leave, "a", here),
                change(.leave, "b", here),
            ]
        )
        #expect(driver.die("n") == [])
        #expect(driver.hear("n", .userLeft(userId: "a")) == [])
        #expect(driver.userIds == ["d"])
    }

    @Test func aNodeThatWasTakenForDeadIsAskedForItsUsersWhenItSpeaksAgain() {
        var driver = Self.driver("tracked")
        _ = driver.die("n")
        #expect(driver.live("n") == [.publish(.stateRequest(fromNode: "me"))])
        #expect(driver.live("n") == [])
        #expect(driver.live("stranger") == [])
        #expect(
            driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)], own: .whole)) == [
                change(.join, "u", here)
            ]
        )
    }

    /// A node of the JavaScript runtime answers about state with users of others too.
    @Test func aUserThatSeveralNodesNamedStaysWhileOneAnswersForIt() {
        for answered in [true, false] {
            var driver = ClusterMachineDriver.live()
            _ = driver.hear("relay", .stateResponse([DistributedUser(id: "u", presence: here)], own: nil))
            _ = driver.hear("n", .stateResponse([DistributedUser(id: "u", presence: here)], own: nil))
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
        #expect(driver.hear("n", joined, watches: true) == [.watch("n")])
        #expect(driver.hear("n", joined, watches: true) == [])
        #expect(driver.hear("n2", joined, watches: true) == [.watch("n2")])
        #expect(driver.machine.remoteNodes.sorted() == ["n", "n2"])
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
        #expect(driver.seen.count == 4)
        let users = [
            DistributedUser(id: "same", presence: here), DistributedUser(id: "changed", presence: away),
            DistributedUser(id: "untracked"), DistributedUser(id: "new", presence: here),
        ]
        #expect(
            driver.hear("n", .stateResponse(users, own: nil)) == [
                change(.update, "changed", away),
                change(.leave, "untracked", here),
                change(.join, "new", here),
            ]
        )
        #expect(driver.wait(.seconds(3)) == [change(.leave, "gone", here)])
        #expect(driver.userIds == ["changed", "new", "same", "untracked"])
    }

    @Test func aNodeWithoutUsersSaysNothingAndLosesThemOnceItIsHeard() {
        var driver = Self.driver("tracked")
        _ = driver.interrupt(for: .seconds(5))
        #expect(driver.wait(.seconds(60)) == [])
        #expect(driver.live("n") == [.publish(.stateRequest(fromNode: "me"))])
        #expect(driver.wait(.seconds(3)) == [change(.leave, "u", here)])
    }

    @Test func aUserHeardOfAfterAnInterruptionIsConfirmed() {
        for body: DistributedMessage.Body in [
            .userJoined(DistributedUser(id: "u")), .presenceUpdate(userId: "u", presence: here, key: nil),
        ] {
            var driver = Self.driver("tracked")
            _ = driver.interrupt(for: .seconds(5))
            _ = driver.live("n")
            _ = driver.hear("n", body)
            #expect(driver.wait(.seconds(3)) == [])
            #expect(driver.userIds == ["u"])
        }
    }

    @Test func aSecondInterruptionEndsTheWaitOfTheFirst() {
        var driver = Self.driver("tracked")
        _ = driver.interrupt(for: .seconds(5))
        _ = driver.live("n")
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
            driver.hear("n", .userGetResponse(requestId: "r1", user: user)) == [.found("r1", user)]
        )
        #expect(driver.hear("n2", .userGetResponse(requestId: "r1", user: user)) == [])
        #expect(driver.wait(.milliseconds(499)) == [])
        #expect(driver.wait(.milliseconds(1)) == [.found("r2", nil)])
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
        #expect(driver.hear("n", .presenceUpdate(userId: "v", presence: here, key: nil)) == [.overflow])
        for own: DistributedMessage.StatePart? in [.whole, nil] {
            let body = DistributedMessage.Body.stateResponse([DistributedUser(id: "w", presence: here)], own: own)
            #expect(driver.hear("n3", body) == [.overflow])
        }
        #expect(driver.hear("n2", .userJoined(DistributedUser(id: "u1"))) == [.overflow])
        for number in 0..<10 { _ = driver.machine.question("q\(number)", requestId: "r\(number)", now: .zero) }
        #expect(driver.wait(.seconds(1)).count == 3)
        for number in 0..<100 { _ = driver.hear("n", .userLeft(userId: "x\(number)"), at: 10) }
        #expect(driver.hear("n", .userJoined(DistributedUser(id: "x3")), at: 1) == [])
        #expect(driver.hear("n", .userJoined(DistributedUser(id: "x4")), at: 1) == [.overflow])
        #expect(driver.wait(.seconds(20)) == [])
        #expect(driver.machine.nextDeadline == nil)
    }

    @Test func aNodeThatSaysTheSameForEverMakesNothingGrow() {
        var limits = ClusterLimits.default
        limits.remoteUsers = 50
        limits.departures = 50
        var driver = ClusterMachineDriver.live(limits: limits)
        let crowd = (0..<40).map { DistributedUser(id: "crowd\($0)") }
        for round in 1...5_000 {
            let id = "u\(round % 3)"
            _ = driver.hear("n", .userJoined(DistributedUser(id: id)), at: Int64(round))
            _ = driver.hear("n", .presenceUpdate(userId: id, presence: here, key: nil), at: Int64(round))
            _ = driver.hear("n", .presenceRemoved(userId: id), at: Int64(round))
            _ = driver.hear("n", .userLeft(userId: id), at: Int64(round))
            // The first of two parts, of ever other nodes.
            let part = DistributedMessage.StatePart(index: 0, count: 2)
            _ = driver.hear("n\(round)", .stateResponse(crowd, own: part), at: Int64(round))
        }
        #expect(driver.machine.keptCount <= 300)
        #expect(driver.userIds.count <= 50)
    }
}
