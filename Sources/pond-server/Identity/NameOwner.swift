import PondChat

/// The person who has a name: from the moment they take it while it is free, through claiming it, until it is free
/// again. Every message is stored with the owner of its sender's name, so the next owner of the name is somebody else.
struct NameOwner: Sendable, Hashable {
    /// Tells owners of one name apart; others see it, and it proves nothing.
    var id: String
    /// When the ownership began; decides about messages of which it is not stored whose they are.
    var since: ChatTime

    /// How long a name without connections stays reserved for its owner.
    static let grace: Duration = .seconds(60)

    /// Stands for the owner of a name that nobody has.
    static let nobody = ""

    /// Whoever took a free name: their stay is known from their tokens only.
    static func ofStay(_ stay: String, name: UserName, at now: ChatTime) -> NameOwner {
        let began = stay.split(separator: ".").first.flatMap { Int64($0) }
        return NameOwner(
            id: Base64URL.encode(TokenSigner.digest("owner \(name.key) \(stay)").prefix(12)),
            since: began.map(ChatTime.init(milliseconds:)) ?? now
        )
    }

    /// Whoever has tokens for a name that no password protects: always the same person.
    static func ofToken(_ name: UserName, since: ChatTime) -> NameOwner {
        NameOwner(id: "token:\(name.key)", since: since)
    }

    /// The owner of an account of which no owner was stored; the same on all servers.
    static func ofAccount(_ name: UserName, tokensFrom: ChatTime) -> String {
        "account:\(name.key):\(tokensFrom.milliseconds)"
    }
}
