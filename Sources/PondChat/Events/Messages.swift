/// A message as everyone in its channel sees it, live and in history.
public struct ChatMessage: ChatPayload {
    public static let event = "message"

    public var id: MessageID
    public var sender: UserName
    /// When the server took it.
    public var at: ChatTime
    public var kind: MessageKind
    /// Empty once removed.
    public var text: String
    public var replyTo: MessageID?
    /// The users it speaks to, by `@name`.
    public var mentions: [UserName]?
    /// When its author changed it last.
    public var editedAt: ChatTime?
    /// When it was removed; the entry stays so that replies and markers still find it.
    public var removedAt: ChatTime?
    /// The person who had the sender's name then, as an opaque id: another one has the name under another id.
    public var author: String?
    /// In a conversation, the person whom it is for in the same way; empty when nobody had the name.
    public var reader: String?

    public init(
        id: MessageID,
        sender: UserName,
        at: ChatTime,
        kind: MessageKind = .text,
        text: String,
        replyTo: MessageID? = nil,
        mentions: [UserName]? = nil,
        editedAt: ChatTime? = nil,
        removedAt: ChatTime? = nil,
        author: String? = nil,
        reader: String? = nil
    ) {
        self.id = id
        self.sender = sender
        self.at = at
        self.kind = kind
        self.text = text
        self.replyTo = replyTo
        self.mentions = mentions
        self.editedAt = editedAt
        self.removedAt = removedAt
        self.author = author
        self.reader = reader
    }
}

/// What a message is.
public enum MessageKind: String, Codable, Sendable, Hashable, CaseIterable {
    /// Somebody says something.
    case text
    /// Somebody does something: `/me waves`.
    case action
    /// The server tells something.
    case notice
}

/// The two persons that a message of a conversation is between, and when it was said: a change of the message is shown
/// to them alone.
public struct MessageParties: Codable, Sendable, Hashable {
    public var sender: UserName
    /// As in the message.
    public var author: String?
    public var reader: String?
    public var at: ChatTime

    public init(sender: UserName, author: String? = nil, reader: String? = nil, at: ChatTime) {
        self.sender = sender
        self.author = author
        self.reader = reader
        self.at = at
    }

    public init(of message: ChatMessage) {
        self.sender = message.sender
        self.author = message.author
        self.reader = message.reader
        self.at = message.at
    }
}

/// A user's message on its way to the server.
public struct SendMessage: ChatPayload {
    public static let event = "message"

    public var id: MessageID
    public var text: String
    /// `text` when absent; users may not send notices.
    public var kind: MessageKind?
    /// The message this one answers.
    public var replyTo: MessageID?

    public init(id: MessageID = .random(), text: String, kind: MessageKind? = nil, replyTo: MessageID? = nil) {
        self.id = id
        self.text = text
        self.kind = kind
        self.replyTo = replyTo
    }
}

/// An author's wish to change a message.
public struct EditMessage: ChatPayload {
    public static let event = "edit"

    public var id: MessageID
    public var text: String

    public init(id: MessageID, text: String) {
        self.id = id
        self.text = text
    }
}

/// A message has a new text.
public struct MessageEdited: ChatPayload {
    public static let event = "edit"

    public var id: MessageID
    public var text: String
    public var mentions: [UserName]?
    public var at: ChatTime
    /// In a conversation: whose message it is.
    public var parties: MessageParties?

    public init(id: MessageID, text: String, mentions: [UserName]? = nil, at: ChatTime, parties: MessageParties? = nil)
    {
        self.id = id
        self.text = text
        self.mentions = mentions
        self.at = at
        self.parties = parties
    }
}

/// The wish of an author or a moderator to take a message away.
public struct RemoveMessage: ChatPayload {
    public static let event = "remove"

    public var id: MessageID
    public var reason: String?

    public init(id: MessageID, reason: String? = nil) {
        self.id = id
        self.reason = reason
    }
}

/// A message is gone.
public struct MessageRemoved: ChatPayload {
    public static let event = "remove"

    public var id: MessageID
    /// Its author, or the moderator who removed it.
    public var by: UserName
    public var at: ChatTime
    public var reason: String?
    /// In a conversation: whose message it is.
    public var parties: MessageParties?

    public init(id: MessageID, by: UserName, at: ChatTime, reason: String? = nil, parties: MessageParties? = nil) {
        self.id = id
        self.by = by
        self.at = at
        self.reason = reason
        self.parties = parties
    }
}
