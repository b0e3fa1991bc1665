import PondKit

/// The payload of a measured message.
enum LoadMessage {
    static func padding(_ count: Int) -> String { String(repeating: "x", count: count) }

    static func payload(number: Int, time: UInt64, padding: String) -> String {
        "{\"n\":\(number),\"t\":\(time),\"pad\":\"\(padding)\"}"
    }
}
