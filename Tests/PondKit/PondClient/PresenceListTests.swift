import PondTestSupport
import Testing

@testable import PondClient
@testable import PondCore

@Suite struct PresenceListTests {
    static func entry(_ id: String?, _ name: String) -> PresenceList.Entry {
        PresenceList.Entry(id: id, presence: ["name": .string(name)])
    }

    @Test func takesTheFullListOfEachFrame() {
        var list = PresenceList()
        let ann: JSON = ["name": "ann"]
        let bob: JSON = ["name": "bob"]
        let change = list.received(.join, payload: ["presence": [ann, bob], "changed": bob])
        #expect(change == PresenceList.Change(joined: [Self.entry(nil, "bob")]))
        #expect(list.entries.map(\.presence) == [ann, bob])
        expect(list.received(.leave, payload: ["presence": [bob], "changed": ann])?.left, is: [Self.entry(nil, "ann")])
        #expect(list.entries.map(\.presence) == [bob])
    }

    @Test func followsChangesFromAState() {
        var list = PresenceList()
        let state: JSON = ["presence": [["id": "1", "presence": ["name": "ann"]]]]
        expect(list.received(.state, payload: state), is: PresenceList.Change())
        expect(list.received(.join, payload: ["id": "2", "changed": ["name": "bob"]])?.joined.count, is: 1)
        expect(list.received(.update, payload: ["id": "1", "changed": ["name": "Ann"]])?.updated.count, is: 1)
        #expect(list.entries == [Self.entry("1", "Ann"), Self.entry("2", "bob")])
        expect(list.received(.leave, payload: ["id": "1", "changed": ["name": "Ann"]])?.left.count, is: 1)
        expect(list.received(.leave, payload: ["id": "1", "changed": ["name": "Ann"]]), is: nil)
        #expect(list.entries == [Self.entry("2", "bob")])
    }

    @Test func saysWhoCameAndWentBetweenTwoStates() {
        var list = PresenceList()
        _ = list.received(
            .state,
            payload: [
                "presence": [
                    ["id": "1", "presence": ["name": "ann"]], ["id": "2", "presence": ["name": "bob"]],
                    ["id": "3", "presence": ["name": "cid"]],
                ]
            ]
        )
        let change = list.received(
            .state,
            payload: [
                "presence": [
                    ["id": "2", "presence": ["name": "Bob"]], ["id": "3", "presence": ["name": "cid"]],
                    ["id": "4", "presence": ["name": "dan"]],
                ]
            ]
        )
        #expect(
            change
                == PresenceList.Change(
                    joined: [Self.entry("4", "dan")],
                    left: [Self.entry("1", "ann")],
                    updated: [Self.entry("2", "Bob")]
                )
        )
    }

    @Test(arguments: [nil, 7, [], ["presence": 7], ["changed": 7], ["id": 7, "changed": ["name": "x"]]] as [JSON])
    func ignoresWhatMakesNoSense(payload: JSON) {
        var list = PresenceList()
        for event in [PresenceEvent.join, .update, .leave] { expect(list.received(event, payload: payload), is: nil) }
        #expect(list.entries.isEmpty)
    }

    @Test func neverGrowsPastItsBound() {
        var list = PresenceList(bound: 2)
        for id in 0..<5 { _ = list.received(.join, payload: ["id": .string("\(id)"), "changed": ["n": 1]]) }
        #expect(list.entries.count == 2)
        _ = list.received(.join, payload: ["presence": [1, 2, 3], "changed": 3])
        #expect(list.entries.count == 2)
    }

    @Test(arguments: [["name": "bob", "status": "online"], ["name": "bob", "status": "away"]] as [JSON])
    func theNewValueOfAnUpdateComesFromTheListWhereChangedHasTheOldOne(changed: JSON) {
        let alice: JSON = ["name": "alice", "status": "online"]
        let bob: JSON = ["name": "bob", "status": "online"]
        let away: JSON = ["name": "bob", "status": "away"]
        var list = PresenceList()
        _ = list.received(.join, payload: ["presence": [alice, bob], "changed": bob])
        let change = list.received(.update, payload: ["presence": [alice, away], "changed": changed])
        #expect(change?.updated.map(\.presence) == [away])
    }

    @Test func theNewValueIsFoundAmongEqualPresences() {
        var list = PresenceList()
        _ = list.received(.join, payload: ["presence": ["on", "on", "on"], "changed": "on"])
        let change = list.received(.update, payload: ["presence": ["on", "off", "on"], "changed": "on"])
        #expect(change?.updated.map(\.presence) == ["off"])
    }
}
