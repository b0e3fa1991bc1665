import PondCore
import PondRuntime

extension SharedBroadcast.Announcement {
    /// How the nodes of a cluster hear of what the server itself sends everyone in a channel.
    package init(of broadcast: StoredBroadcast, in channel: HistoryKey, epoch: String, _ cluster: ClusterOptions) {
        let message = DistributedMessage(
            messageId: broadcast.requestId,
            sourceNodeId: cluster.nodeId,
            endpointName: ClusterTopics.endpointName(channel.endpoint),
            channelName: channel.channel,
            timestamp: cluster.wallClock(),
            body: .userMessage(
                DistributedMessage.Broadcast(
                    fromUserId: SystemSender.channel.rawValue,
                    event: broadcast.event,
                    payload: broadcast.payload,
                    requestId: broadcast.requestId,
                    recipients: .allUsers
                )
            )
        )
        let (head, tail) = message.encoded(aroundOffsetOf: epoch)
        let topic = cluster.topics.channel(channel.channel, endpoint: channel.endpoint)
        self.init(topic: topic, head: head, tail: tail)
    }
}
