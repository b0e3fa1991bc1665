import PondCore

extension DistributedMessage {
    /// Reads a message from a topic; whatever is no message, or more than the limits allow, is refused with a reason.
    package init(parsing bytes: [UInt8], limits: ClusterLimits = .default) throws(DistributedFault) {
        guard bytes.count <= limits.messageBytes else {
            throw DistributedFault(.tooLarge, "\(bytes.count) bytes")
        }
        var jsonLimits = Limits.default
        jsonLimits.messageBytes = limits.messageBytes
        jsonLimits.jsonDepth = limits.jsonDepth
        jsonLimits.jsonKeys = limits.jsonMembers
        let json: JSON
        do { json = try JSON(parsing: bytes, limits: jsonLimits) } catch {
            throw DistributedFault(.malformed, error.description)
        }
        guard let object = json.object else { throw DistributedFault(.malformed, "not an object") }
        try self.init(EnvelopeReader(object: object, limits: limits))
    }

    private init(_ reader: EnvelopeReader) throws(DistributedFault) {
        guard reader.object["protocol"]?.string == Self.protocolName else {
            throw DistributedFault(.foreignProtocol, "protocol")
        }
        guard reader.object["version"]?.int == Self.protocolVersion else {
            throw DistributedFault(.foreignProtocol, "version")
        }
        guard let type = DistributedType(rawValue: try reader.text("type")) else {
            throw DistributedFault(.unknownType, "type")
        }
        var badEntries = 0
        self.init(
            messageId: try reader.text("messageId", otherwise: ""),
            sourceNodeId: try reader.text("sourceNodeId"),
            endpointName: try reader.text("endpointName", otherwise: ""),
            channelName: try reader.text("channelName"),
            timestamp: reader.object["timestamp"]?.int.map(Int64.init(clamping:)) ?? 0,
            body: try reader.body(of: type, &badEntries)
        )
        self.badEntries = badEntries
    }
}

/// Takes fields out of an envelope, one check each.
private struct EnvelopeReader {
    let object: JSONObject
    let limits: ClusterLimits

    /// What the message says; entries of lists that cannot be read are left out and counted in `badEntries`.
    func body(
        of type: DistributedType,
        _ badEntries: inout Int
    ) throws(DistributedFault) -> DistributedMessage.Body {
        switch type {
        case .stateRequest: .stateRequest(fromNode: try self.text("fromNode", otherwise: ""))
        case .stateResponse: try self.state(&badEntries)
        case .userJoined: .userJoined(try self.user(idField: "userId"))
        case .userLeft: .userLeft(userId: try self.text("userId"))
        case .userMessage: .userMessage(try self.broadcast(&badEntries))
        case .presenceUpdate:
            .presenceUpdate(
                userId: try self.text("userId"),
                presence: try self.presence() ?? .empty,
                key: try self.presenceKey(),
                tracks: self.object["tracks"]?.bool == true
            )
        case .presenceRemoved: .presenceRemoved(userId: try self.text("userId"))
        case .assignsUpdate: .assignsUpdate(userId: try self.text("userId"), change: try self.assignsChange())
        case .evictUser:
            .evictUser(userId: try self.text("userId"), reason: try self.text("reason", otherwise: ""))
        case .userRemove: .userRemove(userId: try self.text("userId"))
        case .userGetRequest:
            .userGetRequest(
                userId: try self.text("userId"),
                requestId: try self.text("requestId"),
                fromNode: try self.text("fromNode", otherwise: "")
            )
        case .userGetResponse:
            .userGetResponse(requestId: try self.text("requestId"), user: try self.user(idField: "userId"))
        case .nodeHeartbeat: .nodeHeartbeat(nodeId: try self.text("nodeId", otherwise: ""))
        }
    }

    /// A string that must be there and hold something.
    func text(_ name: String) throws(DistributedFault) -> String {
        guard let text = self.object[name]?.string, !text.isEmpty, text.utf8.count <= self.limits.nameBytes else {
            throw DistributedFault(.badField, name)
        }
        return text
    }

    /// A string that may be missing, null or empty.
    func text(_ name: String, otherwise: String) throws(DistributedFault) -> String {
        switch self.object[name] {
        case nil, .null: return otherwise
        case .string(let text) where text.utf8.count <= self.limits.nameBytes: return text.isEmpty ? otherwise : text
        default: throw DistributedFault(.badField, name)
        }
    }

    /// An object that may be missing or null.
    private func members(_ name: String) throws(DistributedFault) -> JSONObject {
        switch self.object[name] {
        case nil, .null: return [:]
        case .object(let members): return members
        default: throw DistributedFault(.badField, name)
        }
    }

    private func presence() throws(DistributedFault) -> Payload? {
        let members = try self.members("presence")
        if members.isEmpty { return nil }
        let presence = Payload(members)
        guard presence.bytes.count <= self.limits.presenceBytes else { throw DistributedFault(.tooLarge, "presence") }
        return presence
    }

    private func presenceKey() throws(DistributedFault) -> String? {
        let key = try self.text("presenceKey", otherwise: "")
        return key.isEmpty ? nil : key
    }

    private func user(idField: String) throws(DistributedFault) -> DistributedUser {
        DistributedUser(
            id: try self.text(idField),
            assigns: try self.members("assigns"),
            presence: try self.presence(),
            presenceKey: try self.presenceKey()
        )
    }

    /// An answer about state: one bad entry loses no other.
    private func state(_ badEntries: inout Int) throws(DistributedFault) -> DistributedMessage.Body {
        guard let list = self.object["users"]?.array else { throw DistributedFault(.badField, "users") }
        guard list.count <= self.limits.usersPerState else { throw DistributedFault(.tooLarge, "users") }
        var part = try self.statePart()
        var users: [DistributedUser] = []
        users.reserveCapacity(list.count)
        for element in list {
            guard let object = element.object,
                let user = try? EnvelopeReader(object: object, limits: self.limits).user(idField: "id")
            else {
                badEntries += 1
                part?.isComplete = false
                continue
            }
            users.append(user)
        }
        return .stateResponse(users, own: part)
    }

    private func statePart() throws(DistributedFault) -> DistributedMessage.StatePart? {
        guard let own = self.object["own"], !own.isNull else { return nil }
        guard let index = own[0]?.int, let count = own[1]?.int, own[2] == nil, index >= 0, index < count else {
            throw DistributedFault(.badField, "own")
        }
        return DistributedMessage.StatePart(index: index, count: count)
    }

    private func assignsChange() throws(DistributedFault) -> DistributedMessage.AssignsChange {
        guard self.object["key"] != nil, self.object["key"] != .null else {
            guard let assigns = self.object["assigns"]?.object else { throw DistributedFault(.badField, "assigns") }
            return .replace(assigns)
        }
        return .set(
            key: try self.text("key"),
            value: self.object["value"] ?? .null,
            whole: self.object["assigns"]?.object
        )
    }

    private func broadcast(
        _ badEntries: inout Int
    ) throws(DistributedFault) -> DistributedMessage.Broadcast {
        DistributedMessage.Broadcast(
            fromUserId: try self.text("fromUserId", otherwise: SystemSender.channel.rawValue),
            event: try self.text("event"),
            payload: Payload(try self.members("payload")),
            requestId: try self.text("requestId", otherwise: ""),
            recipients: try self.recipients(&badEntries),
            position: try self.position()
        )
    }

    /// The place in a history that nodes share.
    private func position() throws(DistributedFault) -> StreamPosition? {
        guard let offset = self.object["offset"], !offset.isNull else { return nil }
        guard let number = offset.int.flatMap(StreamPosition.sharedOffset), number > 0 else {
            throw DistributedFault(.badField, "offset")
        }
        return StreamPosition(epoch: try self.text("epoch"), offset: number)
    }

    private func recipients(
        _ badEntries: inout Int
    ) throws(DistributedFault) -> DistributedRecipients {
        switch self.object["recipientDescriptor"] {
        case nil, .null, .string(ChannelReceiver.allUsers.rawValue): return .allUsers
        case .string(ChannelReceiver.allExceptSender.rawValue): return .allExceptSender
        case .array(let list):
            guard list.count <= self.limits.recipients else { throw DistributedFault(.tooLarge, "recipientDescriptor") }
            var ids: [String] = []
            ids.reserveCapacity(list.count)
            for element in list {
                guard let id = element.string else {
                    badEntries += 1
                    continue
                }
                ids.append(id)
            }
            return .users(ids)
        default: throw DistributedFault(.badField, "recipientDescriptor")
        }
    }
}
