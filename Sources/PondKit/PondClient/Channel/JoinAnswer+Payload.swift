import PondCore

extension JoinAnswer {
    /// Reads the payload of a join's `ACKNOWLEDGE`; what makes no sense is taken for absent.
    init(_ payload: Payload) {
        self.init()
        guard payload != .empty else { return }
        let json = payload.json
        if let epoch = json["epoch"]?.string, let offset = json["offset"]?.offset {
            self.position = StreamPosition(epoch: epoch, offset: offset)
        }
        self.recovered = json["recovered"]?.bool
        self.replayed = max(0, json["replayed"]?.int ?? 0)
        self.isApart = self.position == nil && json["apart"]?.bool == true
    }
}

extension JSON {
    /// The value as an offset; `nil` where it is none.
    var offset: UInt64? {
        switch self {
        case .int(let value): UInt64(exactly: value)
        case .uint(let value): value
        default: nil
        }
    }
}
