import PondCore

/// What a channel has to do because of what it heard from other nodes.
enum ClusterAction: Sendable, Hashable {
    /// Says something on the channel's topic.
    case publish(DistributedMessage.Body)
    /// Says all local users on the channel's topic.
    case publishState
    /// Says what is tracked of each local user, for nodes that took this one for dead.
    case publishPresence
    /// Answers for a local user.
    case answer(userId: String, requestId: String)
    /// Gives a message, under the id that it has between nodes, to the local members it names.
    case deliver(DistributedMessage.Broadcast, id: String)
    /// What is tracked of remote users changed.
    case presence([PresenceChange])
    /// Another node changed what is tracked of a local user; `nil` when nothing is any more.
    case localPresence(userId: String, presence: Payload?)
    /// Another node wants a local user to be shown under a key; one that is shown already shows this.
    case localTrack(userId: String, presence: Payload, key: String)
    /// Another node changed a local user's assigns.
    case localAssigns(userId: String, change: DistributedMessage.AssignsChange)
    /// A local user is told to go, and goes.
    case evict(userId: String, reason: String)
    /// A local user goes without a word.
    case remove(userId: String)
    /// A question for a user has its answer; `nil` when nobody has the user.
    case found(requestId: String, user: DistributedUser?)
    /// From here on this node's life matters to the channel.
    case watch(node: String)
    /// Something had to be dropped because a limit was reached.
    case overflow
}
