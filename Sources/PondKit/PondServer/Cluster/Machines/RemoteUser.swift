/// A user of the channel on other nodes, as far as this node has heard.
struct RemoteUser: Sendable, Hashable {
    /// One node's word about the user.
    struct Stay: Sendable, Hashable {
        let owner: RemoteOwner
        var user: DistributedUser
        /// The state exchange that last confirmed it.
        var round: UInt64
        /// When the user joined, on its node's clock; 0 when nobody said.
        var since: Int64 = 0
    }

    /// What nodes say of a user that none of them said joined there: some repeat what others told them.
    struct Claim: Sendable, Hashable {
        var stay: Stay
        var nodes: Set<String>
    }

    /// The nodes where the user is for certain; a person may be at several.
    var stays: [String: Stay] = [:]
    /// Hearsay; there is none once something is certain.
    var claim: Claim?

    /// The user as one of those who know it describes it.
    var user: DistributedUser? {
        self.stays.min { $0.key < $1.key }?.value.user ?? self.claim?.stay.user
    }
}
