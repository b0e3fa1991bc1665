/// One step from a JSON value to a value in it.
enum JSONPathStep: Sendable, Hashable {
    case key(String)
    case index(Int)
}

extension [JSONPathStep] {
    /// The steps as people write them: `a.b[2]`.
    var text: String {
        self.reduce(into: "") { text, step in
            switch step {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }
}
