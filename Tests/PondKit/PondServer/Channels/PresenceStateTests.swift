import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct PresenceStateTests {
    private func track(_ state: inout PresenceState, _ owner: UInt64, _ key: String, _ name: String) -> String {
        let value: JSONObject = ["n": .string(name)]
        return Self.word(state.track(owner, key: key, value: value, text: Payload(value).bytes))
    }

    private static func word(_ change: PresenceState.Change?) -> String {
        switch change {
        case nil: "refused"
        case PresenceState.Change.none?: "none"
        case .join(let entry)?: "join \(entry.value["n"]?.string ?? "")"
        case .update(let entry)?: "update \(entry.value["n"]?.string ?? "")"
        case .leave(let entry)?: "leave \(entry.value["n"]?.string ?? "")"
        }
    }

    private func list(_ state: PresenceState) -> String {
        var bytes: [UInt8] = []
        state.writeList(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func keepsTheOrderOfTracking() {
        var state = PresenceState()
        #expect(self.track(&state, 1, "a", "ann") == "join ann")
        #expect(self.track(&state, 2, "b", "ben") == "join ben")
        #expect(self.track(&state, 3, "c", "cat") == "join cat")
        #expect(Self.word(state.update(1, value: ["n": "amy"], text: Array(#"{"n":"amy"}"#.utf8))) == "update amy")
        #expect(self.list(state) == #"[{"n":"amy"},{"n":"ben"},{"n":"cat"}]"#)
        #expect(Self.word(state.untrack(2)) == "leave ben")
        #expect(self.track(&state, 2, "b", "bob") == "join bob")
        #expect(self.list(state) == #"[{"n":"amy"},{"n":"cat"},{"n":"bob"}]"#)
    }

    @Test func refusesToTrackTwiceAndToChangeWhatIsNotTracked() {
        var state = PresenceState()
        #expect(self.track(&state, 1, "a", "ann") == "join ann")
        #expect(self.track(&state, 1, "a", "ann") == "refused")
        #expect(self.track(&state, 1, "z", "ann") == "refused")
        #expect(Self.word(state.update(2, value: [:], text: [])) == "refused")
        #expect(Self.word(state.untrack(2)) == "refused")
        #expect(self.list(state) == #"[{"n":"ann"}]"#)
    }

    @Test func showsOnePersonWithSeveralConnectionsOnce() {
        var state = PresenceState()
        #expect(self.track(&state, 1, "account", "ann") == "join ann")
        #expect(self.track(&state, 2, "account", "ann") == "none")
        #expect(self.track(&state, 3, "account", "amy") == "update amy")
        #expect(self.list(state) == #"[{"n":"amy"}]"#)
        #expect(Self.word(state.untrack(1)) == "none")
        #expect(Self.word(state.untrack(3)) == "none")
        #expect(Self.word(state.untrack(2)) == "leave amy")
        #expect(state.count == 0)
        #expect(self.list(state) == "[]")
    }

    /// Against a model that is only a list.
    @Test func agreesWithAPlainListForAnyHistory() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var random = SeededRandom(seed: seed)
        var state = PresenceState()
        var model: [(owner: UInt64, name: String)] = []
        for step in 0..<5_000 {
            let owner = UInt64.random(in: 0..<60, using: &random)
            let known = model.firstIndex { $0.owner == owner }
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let word = self.track(&state, owner, "k\(owner)", "s\(step)")
                #expect(word == (known == nil ? "join s\(step)" : "refused"), "seed \(seed)")
                if known == nil { model.append((owner, "s\(step)")) }
            case 1:
                let value: JSONObject = ["n": .string("s\(step)")]
                let change = state.update(owner, value: value, text: Payload(value).bytes)
                #expect(Self.word(change) == (known == nil ? "refused" : "update s\(step)"), "seed \(seed)")
                if let known { model[known].name = "s\(step)" }
            default:
                let word = Self.word(state.untrack(owner))
                #expect(word == (known.map { "leave \(model[$0].name)" } ?? "refused"), "seed \(seed)")
                if let known { model.remove(at: known) }
            }
            #expect(state.entries.map { $0.value["n"]?.string ?? "" } == model.map(\.name), "seed \(seed)")
        }
    }

}
