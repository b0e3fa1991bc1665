import PondChat
import PondKit

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
