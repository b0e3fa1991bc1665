/// How a question for a user of the channel goes on.
enum UserQuestion: Sendable, Hashable {
    /// The user is known here.
    case known(DistributedUser)
    /// Publish this; `ClusterAction.found` brings the answer.
    case ask(DistributedMessage.Body)
    /// Nobody can be asked now, or too many questions wait already.
    case refused
}
