import Testing

@testable import PondCore

@Suite struct MessageScannerTests {
    private static let good =
        #"{"action":"BROADCAST","event":"message","channelName":"/chat/42","requestId":"r1","payload":{"text":"hi"}}"#

    private func client(_ text: some StringProtocol, limits: Limits = .default) throws(MessageFault) -> ClientMessage {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { (buffer) throws(MessageFault) in
            try ClientMessage(parsing: UnsafeRawBufferPointer(buffer), limits: limits)
        }
    }

    private func server(_ text: String) throws(MessageFault) -> ServerMessage {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { (buffer) throws(MessageFault) in
            try ServerMessage(parsing: UnsafeRawBufferPointer(buffer))
        }
    }

    @Test func readsTheFiveFieldsInAnyOrderWithAnyWhitespace() throws {
        let expected = ClientMessage(
            action: .broadcast,
            event: "message",
            channelName: "/chat/42",
            requestId: "r1",
            payload: ["text": "hi"]
        )
        #expect(try self.client(Self.good) == expected)
        let spread = """
             { "payload" : {"text":"hi"} ,\t"requestId":"r\\u0031",\r
            "ch\\u0061nnelName":"\\/chat\\/42","event":"message","extra":[1,{"a":null}],"action":"BROADCAST" }\n
            """
        #expect(try self.client(spread) == expected)
    }

    @Test func writesWhatItReads() throws {
        let message = ClientMessage(
            action: .joinChannel,
            event: "JOIN_CHANNEL",
            channelName: "/chat/\u{1F600}\"\\\n",
            requestId: "r",
            payload: ["a": [1, 2.5, nil, true]],
            wantsAcknowledgement: true,
            recover: StreamPosition(epoch: "e", offset: .max),
            wantsPresenceDeltas: true
        )
        let text = String(decoding: message.encoded(), as: UTF8.self)
        #expect(try self.client(text) == message)
        #expect(
            text == #"{"action":"JOIN_CHANNEL","event":"JOIN_CHANNEL","channelName":"/chat/😀\"\\\n","requestId":"r","#
                + #""ack":true,"recover":{"epoch":"e","offset":18446744073709551615},"presence":"delta","#
                + #""payload":{"a":[1,2.5,null,true]}}"#
        )
        let answer = ServerMessage(
            action: .broadcast,
            event: "e",
            channelName: "/c",
            requestId: "r",
            offset: 10,
            payload: ["x": 1]
        )
        let answerText =
            #"{"action":"BROADCAST","event":"e","channelName":"/c","requestId":"r","offset":10,"payload":{"x":1}}"#
        #expect(String(decoding: answer.encoded(), as: UTF8.self) == answerText)
        #expect(try self.server(answerText) == answer)
    }

    @Test func writesAnyNameSoThatItIsReadAgain() throws {
        let names = [
            "x", "1234567", "12345678", "123456789", "a name of more than sixteen bytes", "grüße, 日本", "\u{1F600}",
            "quote\"d", "back\\slash", "1234567\n", "12345678\u{1}", "\u{7F}\u{80}",
        ]
        for name in names {
            for action in ServerAction.allCases {
                let message = ServerMessage(
                    action: action,
                    event: name,
                    channelName: "/" + name,
                    requestId: name + name,
                    payload: ["text": .string(name)]
                )
                #expect(try self.server(String(decoding: message.encoded(), as: UTF8.self)) == message)
                if let count = message.plainCount { #expect(count == message.encoded().count) }
            }
        }
        #expect(ServerMessage(action: .system, event: "\n", channelName: "", requestId: "").plainCount == nil)
    }

    @Test(arguments: [
        ("", "message: Invalid JSON: Unexpected end at byte 0", nil),
        ("  ", "message: Invalid JSON: Unexpected end at byte 2", nil),
        (#"{"action":"#, "message: Invalid JSON: Unexpected end at byte 10", nil),
        ("null", "message: Expected object", nil),
        ("[]", "message: Expected object", nil),
        ("42", "message: Expected object", nil),
        ("{}", "action: Missing required field", nil),
        (#"{"requestId":"r"}"#, "action: Missing required field", "r"),
        (#"{"requestId":"r","action":}"#, "message: Invalid JSON: Expected a value at byte 26", "r"),
        (
            #"{"action":"EXPLODE","requestId":"r"}"#,
            "action: Expected one of [JOIN_CHANNEL, LEAVE_CHANNEL, BROADCAST]", "r"
        ),
        (
            #"{"action":"PRESENCE","requestId":"r"}"#,
            "action: Expected one of [JOIN_CHANNEL, LEAVE_CHANNEL, BROADCAST]", "r"
        ),
        (
            #"{"action":"BROADCAST","event":"","channelName":"c","requestId":"r","payload":{}}"#,
            "event: Must not be empty", "r"
        ),
        (
            #"{"action":"JOIN_CHANNEL","channelName":"c","requestId":"r","payload":{}}"#,
            "event: Missing required field", "r"
        ),
        (
            #"{"action":"BROADCAST","event":"e","channelName":7,"requestId":"r","payload":{}}"#,
            "channelName: Expected string", "r"
        ),
        (
            #"{"action":"BROADCAST","event":"e","channelName":"c","requestId":7,"payload":{}}"#,
            "requestId: Expected string", nil
        ),
        (
            #"{"action":"BROADCAST","event":"e","channelName":"c","requestId":"","payload":{}}"#,
            "requestId: Must not be empty", nil
        ),
        (
            #"{"action":"BROADCAST","event":"e","channelName":"c","requestId":"r","payload":null}"#,
            "payload: Expected object", "r"
        ),
        (
            #"{"action":"BROADCAST","event":"e","channelName":"c","payload":[1],"requestId":"r"}"#,
            "payload: Expected object", "r"
        ),
        (
            #"{"action":"BROADCAST","event":"e","channelName":"c","requestId":"r"}"#,
            "payload: Missing required field", "r"
        ),
        (
            #"{"action":"BROADCAST","event":"e","channelName":"c","requestId":"r","payload":{},"ack":1}"#,
            "ack: Expected boolean", "r"
        ),
        (
            #"{"action":"JOIN_CHANNEL","event":"e","channelName":"c","requestId":"r","payload":{},"recover":{"epoch":"e"}}"#,
            "recover.offset: Missing required field", "r"
        ),
        (
            #"{"action":"JOIN_CHANNEL","event":"e","channelName":"c","requestId":"r","payload":{},"recover":{"epoch":"e","offset":-1}}"#,
            "recover.offset: Expected integer", "r"
        ),
    ])
    func saysWhatIsWrongAndWhoseRequestItWas(text: String, message: String, requestId: String?) {
        #expect(throws: MessageFault(message: message, requestId: requestId)) { try self.client(text) }
    }

    @Test func takesTheLastOfAFieldThatComesTwice() throws {
        let text = Self.good.dropLast() + #","event":"later","payload":{"n":1}}"#
        let message = try self.client(String(text))
        #expect(message.event == "later")
        #expect(message.payload == ["n": 1])
    }

    @Test func takesWhatTheServersThereAreSend() throws {
        let go =
            #"{"action":"SYSTEM","channelName":"","requestId":"x","payload":null,"event":"INTERNAL_ERROR","recipients":[]}"#
        #expect(try self.server(go).payload.json == .null)
        let bare = #"{"action":"CONNECT","event":"CONNECTION"}"#
        #expect(try self.server(bare).payload == .empty)
        #expect(throws: MessageFault.self) { try self.server(#"{"action":"JOIN_CHANNEL","event":"e"}"#) }
    }

    @Test func readsNullAsNoParametersInAJoinOnly() throws {
        let rest = #""event":"e","channelName":"c","requestId":"r","recover":{"epoch":"e","offset":3},"payload":null}"#
        let join = try self.client(#"{"action":"JOIN_CHANNEL",\#(rest)"#)
        #expect(join.payload == .empty)
        #expect(join.recover == StreamPosition(epoch: "e", offset: 3))
        for action in ["LEAVE_CHANNEL", "BROADCAST"] {
            #expect(throws: MessageFault(message: "payload: Expected object", requestId: "r")) {
                try self.client(#"{"action":"\#(action)",\#(rest)"#)
            }
        }
    }

    @Test func boundsNamesByTheirTextAndNotByTheirEscapes() throws {
        func message(event: String, channel: String = "c", requestId: String = "r") -> String {
            #"{"action":"BROADCAST","event":"\#(event)","channelName":"\#(channel)","requestId":"\#(requestId)","payload":{}}"#
        }
        let escaped = String(repeating: "\\u00e9", count: 64)
        #expect(try self.client(message(event: escaped)).event.utf8.count == 128)
        #expect(throws: MessageFault(message: "event: Too long", requestId: "r")) {
            try self.client(message(event: escaped + "a"))
        }
        #expect(throws: MessageFault(message: "channelName: Too long", requestId: "r")) {
            try self.client(message(event: "e", channel: String(repeating: "c", count: 257)))
        }
        #expect(throws: MessageFault(message: "requestId: Too long", requestId: nil)) {
            try self.client(message(event: "e", requestId: String(repeating: "r", count: 129)))
        }
        #expect(throws: MessageFault(message: "recover.offset: Expected integer", requestId: "r")) {
            try self.client(Self.good.dropLast() + #","requestId":"r","recover":{"epoch":"e","offset":-0}}"#)
        }
    }
}
