/// The kinds of messages between nodes, by their names on the wire.
package enum DistributedType: String, Sendable, CaseIterable {
    case stateRequest = "STATE_REQUEST"
    case stateResponse = "STATE_RESPONSE"
    case userJoined = "USER_JOINED"
    case userLeft = "USER_LEFT"
    case userMessage = "USER_MESSAGE"
    case presenceUpdate = "PRESENCE_UPDATE"
    case presenceRemoved = "PRESENCE_REMOVED"
    case assignsUpdate = "ASSIGNS_UPDATE"
    case evictUser = "EVICT_USER"
    case userRemove = "USER_REMOVE"
    case userGetRequest = "USER_GET_REQUEST"
    case userGetResponse = "USER_GET_RESPONSE"
    case nodeHeartbeat = "NODE_HEARTBEAT"
}
