internal import PondTesting
import Testing

@testable import pond_tui

@Suite struct PeopleTests {
    private static func sorted(_ people: [Person]) -> [Person] {
        func rank(_ person: Person) -> Int {
            person.role != nil ? 0 : person.status == .available ? 1 : person.status == .busy ? 2 : 3
        }
        return people.sorted { (rank($0), $0.name.lowercased(), $0.name) < (rank($1), $1.name.lowercased(), $1.name) }
    }

    @Test func anyChangesLeaveThemInOrderAndEachOnce() {
        let seed: UInt64 = 7
        var random = SeededRandom(seed: seed)
        var people = People()
        var expected: [String: Person] = [:]
        let statuses: [Person.Status] = [.available, .away, .busy]
        func one() -> Person {
            let name = ["a", "B", "b", "c", "Dora", "eve", "漢", "zed"].randomElement(using: &random) ?? "a"
            return Person(
                name: name,
                status: statuses.randomElement(using: &random) ?? .away,
                role: Int.random(in: 0..<5, using: &random) == 0 ? "admin" : nil
            )
        }
        for round in 0..<2_000 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4:
                let person = one()
                #expect(people.insert(person) == (expected[person.name] == nil))
                expected[person.name] = person
            case 4..<7:
                let name = one().name
                #expect(people.remove(name) == (expected[name] != nil))
                expected[name] = nil
            default:
                let list = (0..<Int.random(in: 0..<6, using: &random)).map { _ in one() }
                expected = Dictionary(list.map { ($0.name, $0) }) { $1 }
                people.update(to: Array(expected.values))
            }
            #expect(Array(people) == Self.sorted(Array(expected.values)), "seed \(seed) round \(round)")
            #expect(people.awayCount == expected.values.count { $0.status != .available })
        }
    }
}
