internal import PondKit

extension OutboxEntry {
    /// The entry as it is kept from run to run.
    var json: JSON {
        var object: JSONObject = [
            "id": .string(self.id), "room": .string(self.room), "text": .string(self.text),
            "created": .int(self.created.milliseconds),
        ]
        switch self.purpose {
        case .message(let kind, let replyTo):
            object["kind"] = .string(kind.rawValue)
            if let replyTo { object["replyTo"] = .string(replyTo) }
        case .edit(let id): object["editOf"] = .string(id)
        case .removal(let id, let reason):
            object["removalOf"] = .string(id)
            if let reason { object["reason"] = .string(reason) }
        }
        if self.wanted != self.created { object["wanted"] = .int(self.wanted.milliseconds) }
        // What is being sent now may have arrived when the program ends.
        if self.mayHaveArrived { object["sent"] = true }
        return .object(object)
    }
}

extension OutboxEntry.Purpose {
    init(_ json: JSON) {
        if let id = json["editOf"]?.string {
            self = .edit(of: id)
        } else if let id = json["removalOf"]?.string {
            self = .removal(of: id, reason: json["reason"]?.string)
        } else {
            let kind = json["kind"]?.string.flatMap(ChatMessage.Kind.init) ?? .text
            self = .message(kind, replyTo: json["replyTo"]?.string)
        }
    }
}
