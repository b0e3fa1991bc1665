import PondChat
import PondKit

/// A ban or a mute, in one channel or everywhere.
struct Sanction: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
        case ban
        case mute
    }

    var kind: Kind
    /// `nil` for everywhere.
    var channel: ChatChannel?
    var user: UserName
    /// When it ends; never when `nil`.
    var until: ChatTime?
    var reason: String?
    var by: UserName
    var at: ChatTime

    /// Whether it holds at a moment.
    func holds(at now: ChatTime) -> Bool { self.until.map { now < $0 } ?? true }
}

/// An operator's ban of addresses: nobody connects from there, under any name.
struct AddressBan: Sendable, Hashable {
    var range: AddressRange
    /// When it ends; never when `nil`.
    var until: ChatTime?
    var reason: String?
    var at: ChatTime

    /// Whether it holds at a moment.
    func holds(at now: ChatTime) -> Bool { self.until.map { now < $0 } ?? true }
}
