import Testing

@testable import pond_server

@Suite struct OwnChangesTests {
    enum Event { case told, own, other }

    @Test(
        "A change that comes back is made again exactly where another server's came between",
        arguments: [
            ([Event.told, .own], [false]),
            ([.told, .told, .own, .own], [false, false]),
            ([.other, .told, .own], [false]),
            ([.told, .other, .own], [true]),
            ([.told, .other, .told, .own, .own], [true, true]),
            ([.told, .other, .own, .told, .own], [true, false]),
            ([.own, .told, .own], [false, false]),
        ]
    )
    func order(_ events: [Event], _ expected: [Bool]) {
        var changes = OwnChanges()
        var again: [Bool] = []
        for event in events {
            switch event {
            case .told: changes.told()
            case .own: again.append(changes.heardOwn())
            case .other: changes.heardOther()
            }
        }
        #expect(again == expected)
    }
}
