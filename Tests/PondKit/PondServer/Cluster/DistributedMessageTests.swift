import Testing

@testable import PondCore
@testable import PondServer

@Suite struct DistributedMessageTests {
    private static let head =
        #"{"protocol":"pondsocket.distributed","version":1,"type":"TYPE","messageId":"m1","sourceNodeId":"n1","#
        + #""endpointName":"api/socket","channelName":"/chat/1","timestamp":1700000000000"#

    private static func text(_ type: String, _ fields: String) -> String {
        self.head.replacing("TYPE", with: type) + (fields.isEmpty ? "}" : "," + fields + "}")
    }

    /// Every kind as the Python runtime writes it, and what it means.
    private static let examples: [(text: String, body: DistributedMessage.Body)] = [
        (text("STATE_REQUEST", #""fromNode":"n1""#), .stateRequest(fromNode: "n1")),
        (
            text(
                "STATE_RESPONSE",
                #""users":[{"id":"u1","assigns":{"role":"a"},"presence":{"s":"on"}},"#
                    + #"{"id":"u2","assigns":{},"presence":{}}]"#
            ),
            .stateResponse(
                [
                    DistributedUser(id: "u1", assigns: ["role": "a"], presence: ["s": "on"]), DistributedUser(id: "u2"),
                ],
                own: nil
            )
        ),
        (
            text("USER_JOINED", #""userId":"u1","presence":{},"assigns":{"role":"a"}"#),
            .userJoined(DistributedUser(id: "u1", assigns: ["role": "a"]))
        ),
        (text("USER_LEFT", #""userId":"u1""#), .userLeft(userId: "u1")),
        (
            text(
                "USER_MESSAGE",
                #""fromUserId":"CHANNEL","event":"message","payload":{"t":"é\n"},"requestId":"r1","#
                    + #""recipientDescriptor":"ALL_USERS""#
            ),
            .userMessage(message("CHANNEL", ["t": "é\n"], .allUsers))
        ),
        (
            text(
                "USER_MESSAGE",
                #""fromUserId":"CHANNEL","event":"message","payload":{},"requestId":"r1","#
                    + #""recipientDescriptor":["u1","u2"]"#
            ),
            .userMessage(message("CHANNEL", [:], .users(["u1", "u2"])))
        ),
        (
            text(
                "USER_MESSAGE",
                #""fromUserId":"u9","event":"message","payload":{},"requestId":"r1","#
                    + #""recipientDescriptor":"ALL_EXCEPT_SENDER""#
            ),
            .userMessage(message("u9", [:], .allExceptSender))
        ),
        (
            text("PRESENCE_UPDATE", #""userId":"u1","presence":{"s":"on"}"#),
            .presenceUpdate(userId: "u1", presence: ["s": "on"], key: nil)
        ),
        (
            text("PRESENCE_UPDATE", #""userId":"u1","presence":{"s":"on"},"presenceKey":"ann""#),
            .presenceUpdate(userId: "u1", presence: ["s": "on"], key: "ann")
        ),
        (
            text(
                "STATE_RESPONSE",
                #""own":[0,1],"users":[{"id":"u1","assigns":{},"presence":{"s":"on"},"presenceKey":"ann"}]"#
            ),
            .stateResponse([DistributedUser(id: "u1", presence: ["s": "on"], presenceKey: "ann")], own: .whole)
        ),
        (text("PRESENCE_REMOVED", #""userId":"u1""#), .presenceRemoved(userId: "u1")),
        (
            text("ASSIGNS_UPDATE", #""userId":"u1","assigns":{"k":1}"#),
            .assignsUpdate(userId: "u1", change: .replace(["k": 1]))
        ),
        (
            text("ASSIGNS_UPDATE", #""userId":"u1","key":"k","value":[1]"#),
            .assignsUpdate(userId: "u1", change: .set(key: "k", value: [1]))
        ),
        (
            text("ASSIGNS_UPDATE", #""userId":"u1","assigns":{"j":2,"k":1},"key":"k","value":1"#),
            .assignsUpdate(userId: "u1", change: .set(key: "k", value: 1, whole: ["j": 2, "k": 1]))
        ),
        (
            text("PRESENCE_UPDATE", #""userId":"u1","tracks":true,"presence":{"s":"on"},"presenceKey":"ann""#),
            .presenceUpdate(userId: "u1", presence: ["s": "on"], key: "ann", tracks: true)
        ),
        (text("EVICT_USER", #""userId":"u1","reason":"why""#), .evictUser(userId: "u1", reason: "why")),
        (text("USER_REMOVE", #""userId":"u1""#), .userRemove(userId: "u1")),
        (
            text("USER_GET_REQUEST", #""userId":"u1","requestId":"r1","fromNode":"n1""#),
            .userGetRequest(userId: "u1", requestId: "r1", fromNode: "n1")
        ),
        (
            text("USER_GET_RESPONSE", #""userId":"u1","requestId":"r1","assigns":{"k":1},"presence":{"s":"on"}"#),
            .userGetResponse(
                requestId: "r1",
                user: DistributedUser(id: "u1", assigns: ["k": 1], presence: ["s": "on"])
            )
        ),
        (text("NODE_HEARTBEAT", #""nodeId":"n1""#), .nodeHeartbeat(nodeId: "n1")),
    ]

    private static func message(
        _ from: String,
        _ payload: Payload,
        _ recipients: DistributedRecipients
    ) -> DistributedMessage.Broadcast {
        DistributedMessage.Broadcast(
            fromUserId: from,
            event: "message",
            payload: payload,
            requestId: "r1",
            recipients: recipients
        )
    }

    @Test func writesEveryKindByteForByteAsThePythonRuntimeDoes() throws {
        for (text, body) in Self.examples {
            let message = DistributedMessage(
                messageId: "m1",
                sourceNodeId: "n1",
                endpointName: "api/socket",
                channelName: "/chat/1",
                timestamp: 1_700_000_000_000,
                body: body
            )
            #expect(String(decoding: message.encoded(), as: UTF8.self) == text)
            #expect(try DistributedMessage(parsing: Array(text.utf8)) == message)
        }
    }

    @Test func theExamplesCoverEveryKind() {
        #expect(Set(Self.examples.map(\.body.type)) == Set(DistributedType.allCases))
    }

    @Test func takesWhatOtherRuntimesLeaveOut() throws {
        let text =
            #"{"protocol":"pondsocket.distributed","version":1.0,"type":"USER_MESSAGE","sourceNodeId":"n","#
            + #""channelName":"/c","event":"e","payload":null,"presenceEvent":"JOIN"}"#
        let message = try DistributedMessage(parsing: Array(text.utf8))
        #expect(message.timestamp == 0)
        #expect(message.messageId == "")
        guard case .userMessage(let broadcast) = message.body else {
            Issue.record("not a USER_MESSAGE")
            return
        }
        #expect(broadcast.payload == .empty)
        #expect(broadcast.fromUserId == "CHANNEL")
        #expect(broadcast.recipients == .allUsers)
        #expect(broadcast.requestId == "")
    }

    @Test func refusesWhatIsNoMessageAndSaysWhy() {
        var limits = ClusterLimits.default
        limits.messageBytes = 2_000
        limits.usersPerState = 2
        limits.recipients = 2
        limits.presenceBytes = 20
        let long = String(repeating: "x", count: 513)
        let table: [(String, DistributedFault.Reason)] = [
            ("", .malformed),
            ("nonsense", .malformed),
            ("[]", .malformed),
            ("null", .malformed),
            (String(repeating: "[", count: 1_000), .malformed),
            (String(repeating: " ", count: 2_001), .tooLarge),
            ("{}", .foreignProtocol),
            (Self.text("USER_LEFT", #""userId":"u""#).replacing("distributed", with: "other"), .foreignProtocol),
            (
                Self.text("USER_LEFT", #""userId":"u""#).replacing(#""version":1"#, with: #""version":2"#),
                .foreignProtocol
            ),
            (
                Self.text("USER_LEFT", #""userId":"u""#).replacing(#""version":1"#, with: #""version":"1""#),
                .foreignProtocol
            ),
            (Self.text("USER_EXPLODED", #""userId":"u""#), .unknownType),
            (Self.text("USER_LEFT", ""), .badField),
            (Self.text("USER_LEFT", #""userId":"""#), .badField),
            (Self.text("USER_LEFT", #""userId":7"#), .badField),
            (Self.text("USER_LEFT", #""userId":"\#(long)""#), .badField),
            (Self.text("USER_LEFT", #""userId":"u""#).replacing(#""n1""#, with: "1"), .badField),
            (Self.text("USER_LEFT", #""userId":"u""#).replacing(#""/chat/1""#, with: "null"), .badField),
            (Self.text("USER_JOINED", #""userId":"u","assigns":[]"#), .badField),
            (Self.text("PRESENCE_UPDATE", #""userId":"u","presence":"on""#), .badField),
            (Self.text("PRESENCE_UPDATE", #""userId":"u","presence":{"a":"0123456789012"}"#), .tooLarge),
            (Self.text("ASSIGNS_UPDATE", #""userId":"u""#), .badField),
            (Self.text("ASSIGNS_UPDATE", #""userId":"u","key":1"#), .badField),
            (Self.text("STATE_RESPONSE", ""), .badField),
            (Self.text("STATE_RESPONSE", #""users":[],"own":true"#), .badField),
            (Self.text("STATE_RESPONSE", #""users":[],"own":[1,1]"#), .badField),
            (Self.text("STATE_RESPONSE", #""users":[],"own":[-1,1]"#), .badField),
            (Self.text("STATE_RESPONSE", #""users":[],"own":[0,1,2]"#), .badField),
            (Self.text("USER_MESSAGE", #""event":"","payload":{}"#), .badField),
            (Self.text("USER_MESSAGE", #""event":"e","payload":[]"#), .badField),
            (Self.text("USER_MESSAGE", #""event":"e","payload":{},"recipientDescriptor":"SOME""#), .badField),
            (Self.text("USER_GET_REQUEST", #""userId":"u""#), .badField),
            (Self.text("STATE_RESPONSE", #""users":[{"id":"1"},{"id":"2"},{"id":"3"}]"#), .tooLarge),
            (Self.text("USER_MESSAGE", #""event":"e","recipientDescriptor":["1","2","3"]"#), .tooLarge),
        ]
        for (text, reason) in table {
            do {
                let message = try DistributedMessage(parsing: Array(text.utf8), limits: limits)
                Issue.record("accepted \(text) as \(message)")
            } catch {
                #expect(error.reason == reason, "\(text): \(error)")
            }
        }
    }

    @Test func refusesEveryCutOfAMessage() {
        for (text, _) in Self.examples {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                #expect(throws: DistributedFault.self) { try DistributedMessage(parsing: Array(bytes.prefix(length))) }
            }
        }
    }

    @Test func anObjectOfManyNamesCostsNoSquare() throws {
        let members = (0..<90_000).map { #""k\#($0)":0"# }.joined(separator: ",")
        let text = Self.text("ASSIGNS_UPDATE", #""userId":"u","assigns":{\#(members)}"#)
        let message = try DistributedMessage(parsing: Array(text.utf8))
        guard case .assignsUpdate(_, .replace(let assigns)) = message.body else {
            Issue.record("not a replacement")
            return
        }
        #expect(assigns.count == 90_000)
    }
}
