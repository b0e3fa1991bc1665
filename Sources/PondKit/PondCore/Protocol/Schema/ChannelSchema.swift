/// What goes through the channels of one lobby, as types that server and client share.
///
/// ```swift
/// enum Chat: ChannelSchema {
///     struct JoinParams: Codable, Sendable { var nickname: String }
///     struct Presence: Codable, Sendable { var nickname: String, away = false }
///     struct Text: Codable, Sendable { var text: String }
///     struct Receipt: Codable, Sendable { var number: Int }
///
///     static let say = Event<Text, Receipt>("say")
///     static let said = Event<Text, NoReply>("said")
/// }
/// ```
public protocol ChannelSchema: Sendable {
    /// What a client sends along when it joins.
    associatedtype JoinParams: Codable & Sendable = NoPayload
    /// What the server remembers about a member.
    associatedtype Assigns: Codable & Sendable = NoPayload
    /// What a member shows to the others.
    associatedtype Presence: Codable & Sendable = NoPayload
}

extension ChannelSchema {
    /// An event of this schema.
    public typealias Event<Payload: Codable & Sendable, Reply: Codable & Sendable> = PondEvent<Self, Payload, Reply>
}
