import PondCore

extension DistributedMessage {
    package static let protocolName = "pondsocket.distributed"
    package static let protocolVersion = 1

    /// The message as JSON, fields in the order of the other runtimes.
    package func encoded() -> [UInt8] {
        var writer = self.begun()
        self.body.write(into: &writer)
        return writer.finished()
    }

    /// The message as JSON, with the place between both parts where an offset of this epoch belongs.
    package func encoded(aroundOffsetOf epoch: String) -> (head: [UInt8], tail: [UInt8]) {
        var head = self.begun()
        head.field("epoch", string: epoch)
        head.name("offset")
        var tail = EnvelopeWriter(continuing: true)
        self.body.write(into: &tail)
        return (head.bytes, tail.finished())
    }

    private func begun() -> EnvelopeWriter {
        var writer = EnvelopeWriter()
        writer.field("protocol", string: Self.protocolName)
        writer.field("version", json: .int(Int64(clamping: Self.protocolVersion)))
        writer.field("type", string: self.body.type.rawValue)
        writer.field("messageId", string: self.messageId)
        writer.field("sourceNodeId", string: self.sourceNodeId)
        writer.field("endpointName", string: self.endpointName)
        writer.field("channelName", string: self.channelName)
        writer.field("timestamp", json: .int(self.timestamp))
        return writer
    }
}

extension DistributedMessage.Body {
    fileprivate func write(into writer: inout EnvelopeWriter) {
        switch self {
        case .stateRequest(let fromNode):
            writer.field("fromNode", string: fromNode)
        case .stateResponse(let users, let own):
            if let own {
                writer.field("own", json: [.int(Int64(clamping: own.index)), .int(Int64(clamping: own.count))])
            }
            writer.field("users", users: users)
        case .userJoined(let user):
            writer.field("userId", string: user.id)
            writer.field("presence", payload: user.presence ?? .empty)
            writer.field("assigns", json: .object(user.assigns))
            writer.field("presenceKey", optional: user.presenceKey)
        case .userLeft(let userId), .presenceRemoved(let userId), .userRemove(let userId):
            writer.field("userId", string: userId)
        case .userMessage(let broadcast):
            broadcast.write(into: &writer)
        case .presenceUpdate(let userId, let presence, let key, let tracks):
            writer.field("userId", string: userId)
            if tracks { writer.field("tracks", json: true) }
            writer.field("presence", payload: presence)
            writer.field("presenceKey", optional: key)
        case .assignsUpdate(let userId, .replace(let assigns)):
            writer.field("userId", string: userId)
            writer.field("assigns", json: .object(assigns))
        case .assignsUpdate(let userId, .set(let key, let value, let whole)):
            writer.field("userId", string: userId)
            if let whole { writer.field("assigns", json: .object(whole)) }
            writer.field("key", string: key)
            writer.field("value", json: value)
        case .evictUser(let userId, let reason):
            writer.field("userId", string: userId)
            writer.field("reason", string: reason)
        case .userGetRequest(let userId, let requestId, let fromNode):
            writer.field("userId", string: userId)
            writer.field("requestId", string: requestId)
            writer.field("fromNode", string: fromNode)
        case .userGetResponse(let requestId, let user):
            writer.field("userId", string: user.id)
            writer.field("requestId", string: requestId)
            writer.field("assigns", json: .object(user.assigns))
            writer.field("presence", payload: user.presence ?? .empty)
            writer.field("presenceKey", optional: user.presenceKey)
        case .nodeHeartbeat(let nodeId):
            writer.field("nodeId", string: nodeId)
        }
    }
}

extension DistributedMessage.Broadcast {
    fileprivate func write(into writer: inout EnvelopeWriter) {
        if let position = self.position {
            writer.field("epoch", string: position.epoch)
            writer.field("offset", json: .int(Int64(clamping: position.offset)))
        }
        writer.field("fromUserId", string: self.fromUserId)
        writer.field("event", string: self.event)
        writer.field("payload", payload: self.payload)
        writer.field("requestId", string: self.requestId)
        switch self.recipients {
        case .allUsers: writer.field("recipientDescriptor", string: ChannelReceiver.allUsers.rawValue)
        case .allExceptSender: writer.field("recipientDescriptor", string: ChannelReceiver.allExceptSender.rawValue)
        case .users(let ids): writer.field("recipientDescriptor", json: .array(ids.map { .string($0) }))
        }
    }
}

/// Writes one flat object; payloads are copied as the bytes they are.
private struct EnvelopeWriter {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]
    private var isFirst = true

    init() {}

    /// Goes on with an object whose beginning is elsewhere.
    init(continuing isOpen: Bool) {
        if isOpen { self.bytes = [] }
        self.isFirst = !isOpen
    }

    mutating func field(_ name: StaticString, string: String) { self.field(name, json: .string(string)) }

    mutating func field(_ name: StaticString, optional: String?) {
        if let optional { self.field(name, string: optional) }
    }

    mutating func field(_ name: StaticString, json: JSON) {
        self.name(name)
        json.write(into: &self.bytes)
    }

    mutating func field(_ name: StaticString, payload: Payload) {
        self.name(name)
        self.bytes.append(contentsOf: payload.bytes)
    }

    mutating func field(_ name: StaticString, users: [DistributedUser]) {
        self.name(name)
        self.bytes.append(UInt8(ascii: "["))
        for (index, user) in users.enumerated() {
            if index > 0 { self.bytes.append(UInt8(ascii: ",")) }
            var writer = EnvelopeWriter()
            writer.field("id", string: user.id)
            writer.field("assigns", json: .object(user.assigns))
            writer.field("presence", payload: user.presence ?? .empty)
            writer.field("presenceKey", optional: user.presenceKey)
            self.bytes.append(contentsOf: writer.finished())
        }
        self.bytes.append(UInt8(ascii: "]"))
    }

    func finished() -> [UInt8] { self.bytes + [UInt8(ascii: "}")] }

    mutating func name(_ name: StaticString) {
        if !self.isFirst { self.bytes.append(UInt8(ascii: ",")) }
        self.isFirst = false
        self.bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(UInt8(ascii: ":"))
    }
}
