package import PondCore

/// One message between nodes: who sent it, which channel it is about, and what it says.
package struct DistributedMessage: Sendable, Hashable {
    package var messageId: String
    package var sourceNodeId: String
    /// The endpoint's path without its leading slash.
    package var endpointName: String
    package var channelName: String
    /// Milliseconds since 1970 on the sender's clock; 0 when it did not say.
    package var timestamp: Int64
    package var body: Body
    /// The number of entries of its lists that could not be read and are missing from `body`.
    package var badEntries = 0

    package init(
        messageId: String,
        sourceNodeId: String,
        endpointName: String,
        channelName: String,
        timestamp: Int64,
        body: Body
    ) {
        self.messageId = messageId
        self.sourceNodeId = sourceNodeId
        self.endpointName = endpointName
        self.channelName = channelName
        self.timestamp = timestamp
        self.body = body
    }

    /// What a message says.
    package enum Body: Sendable, Hashable {
        /// A node asks all others for their users of the channel.
        case stateRequest(fromNode: String)
        /// The users of the channel that a node knows; with a part, it vouches that they are its own, and all of them.
        case stateResponse([DistributedUser], own: StatePart?)
        case userJoined(DistributedUser)
        case userLeft(userId: String)
        case userMessage(Broadcast)
        /// `tracks` where the node of the user is asked to show it, and it may not be shown yet. Our addition.
        case presenceUpdate(userId: String, presence: Payload, key: String?, tracks: Bool = false)
        case presenceRemoved(userId: String)
        case assignsUpdate(userId: String, change: AssignsChange)
        case evictUser(userId: String, reason: String)
        /// The user goes without being told.
        case userRemove(userId: String)
        case userGetRequest(userId: String, requestId: String, fromNode: String)
        case userGetResponse(requestId: String, user: DistributedUser)
        case nodeHeartbeat(nodeId: String)
    }

    /// A message to members of the channel, wherever they are.
    package struct Broadcast: Sendable, Hashable {
        /// The sender's user id, or `CHANNEL` when the server speaks.
        package var fromUserId: String
        package var event: String
        package var payload: Payload
        package var requestId: String
        package var recipients: DistributedRecipients
        /// Its place in a history that nodes share, where they do. Our addition to the protocol.
        package var position: StreamPosition?

        package init(
            fromUserId: String,
            event: String,
            payload: Payload,
            requestId: String,
            recipients: DistributedRecipients,
            position: StreamPosition? = nil
        ) {
            self.fromUserId = fromUserId
            self.event = event
            self.payload = payload
            self.requestId = requestId
            self.recipients = recipients
            self.position = position
        }
    }

    /// Which of several messages that make one answer about state this is. Our addition to the protocol.
    package struct StatePart: Sendable, Hashable {
        package var index: Int
        package var count: Int
        /// Whether every user of this part could be read: only then a user who is not named is gone.
        package var isComplete: Bool

        package init(index: Int, count: Int, isComplete: Bool = true) {
            self.index = index
            self.count = count
            self.isComplete = isComplete
        }

        package static let whole = StatePart(index: 0, count: 1)
    }

    /// How a user's assigns change.
    package enum AssignsChange: Sendable, Hashable {
        case replace(JSONObject)
        /// `whole` is all that the sender knows of them afterwards, for nodes that can only replace.
        case set(key: String, value: JSON, whole: JSONObject? = nil)
    }
}

extension DistributedMessage.Body {
    /// The name of this kind on the wire.
    package var type: DistributedType {
        switch self {
        case .stateRequest: .stateRequest
        case .stateResponse: .stateResponse
        case .userJoined: .userJoined
        case .userLeft: .userLeft
        case .userMessage: .userMessage
        case .presenceUpdate: .presenceUpdate
        case .presenceRemoved: .presenceRemoved
        case .assignsUpdate: .assignsUpdate
        case .evictUser: .evictUser
        case .userRemove: .userRemove
        case .userGetRequest: .userGetRequest
        case .userGetResponse: .userGetResponse
        case .nodeHeartbeat: .nodeHeartbeat
        }
    }
}
