/// A message as places in the bytes it came in; good only together with those bytes.
package struct ScannedMessage: Sendable, Hashable {
    /// A string's place, without its quotes.
    package struct Text: Sendable, Hashable {
        package var start = 0
        package var count = 0
        /// Whether it holds escapes, so that its bytes are not its text.
        package var escaped = false
    }

    /// The action where a client sent the message.
    package var clientAction: ClientAction?
    /// The action where a server sent the message.
    package var serverAction: ServerAction?
    package var action = Text()
    package var event = Text()
    package var channelName = Text()
    package var requestId = Text()
    /// The place of the payload's JSON text, already validated.
    package var payload = 0..<0
    /// Whether any string of the message, most likely in the payload, holds a lone surrogate.
    package var hasLoneSurrogate = false

    package var wantsAcknowledgement = false
    package var wantsPresenceDeltas = false
    /// The epoch of `recover`; `nil` without one.
    package var recoverEpoch: Text?
    package var recoverOffset: UInt64 = 0
    package var offset: UInt64?
}

extension ScannedMessage {
    /// The text at a place.
    package static func string(_ text: Text, in bytes: UnsafeRawBufferPointer) -> String {
        JSONCursor.text(Self.raw(text, in: bytes), escaped: text.escaped)
    }

    /// Whether the text at a place is `name`; compares bytes where it can.
    package static func matches(_ text: Text, _ name: String, in bytes: UnsafeRawBufferPointer) -> Bool {
        if text.escaped { return Self.string(text, in: bytes) == name }
        guard name.utf8.count == text.count else { return false }
        var name = name
        return name.withUTF8 { Self.equal($0, Self.raw(text, in: bytes)) }
    }

    /// Whether the bytes at a place are exactly these, escapes not resolved.
    @inline(__always) package static func equals(
        _ text: Text,
        _ name: StaticString,
        in bytes: UnsafeRawBufferPointer
    ) -> Bool {
        guard text.count == name.utf8CodeUnitCount else { return false }
        return Self.equal(
            UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount),
            Self.raw(text, in: bytes)
        )
    }

    @inline(__always) private static func equal(
        _ left: UnsafeBufferPointer<UInt8>,
        _ right: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }

    private static func raw(_ text: Text, in bytes: UnsafeRawBufferPointer) -> UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: bytes[text.start..<text.start + text.count]).bindMemory(to: UInt8.self)
    }

    /// The payload as bytes of its own.
    package func payload(in bytes: UnsafeRawBufferPointer) -> Payload {
        if self.payload.isEmpty { return .empty }
        var text = Array(bytes[self.payload])
        // Peers differ over what they make of one, so it goes no further.
        if self.hasLoneSurrogate { JSONCursor.replaceLoneSurrogates(in: &text) }
        return Payload(validated: text)
    }

    /// The position that a joiner wants to go on from.
    package func recover(in bytes: UnsafeRawBufferPointer) -> StreamPosition? {
        self.recoverEpoch.map { StreamPosition(epoch: Self.string($0, in: bytes), offset: self.recoverOffset) }
    }
}
