@testable import PondCore

/// A message that is accepted survives being written and read again; nothing traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let frame = UnsafeRawBufferPointer(start: data, count: count)
    var documents = 0
    for document in MessageScanner.documents(in: frame) {
        documents += 1
        if let message = try? ClientMessage(parsing: document) {
            precondition((try? message.encoded().parsed(ClientMessage.init(parsing:limits:))) == message)
            precondition(!message.payload.bytes.hasLoneSurrogate, "a lone surrogate would go to other peers")
            guard case .object = try? JSON(parsing: document) else { preconditionFailure("accepted what is no object") }
        }
        if let message = try? ServerMessage(parsing: document) {
            let again = try? message.encoded().parsed(ServerMessage.init(parsing:limits:))
            precondition(again == message)
        }
    }
    precondition(documents > 0 && documents <= Limits.default.messagesPerFrame)
    return 0
}

extension [UInt8] {
    /// Whether this JSON text holds the escape of a lone surrogate.
    var hasLoneSurrogate: Bool {
        self.withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes)
            try? cursor?.skipValue(depth: 0, limits: .default)
            return cursor?.hasLoneSurrogate ?? false
        }
    }

    func parsed<Message>(
        _ parse: (UnsafeRawBufferPointer, Limits) throws(MessageFault) -> Message
    ) throws(MessageFault) -> Message {
        try self.withUnsafeBufferPointer { (bytes) throws(MessageFault) in
            try parse(UnsafeRawBufferPointer(bytes), .default)
        }
    }
}
