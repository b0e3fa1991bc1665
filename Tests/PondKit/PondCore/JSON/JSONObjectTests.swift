import PondKit
import Testing

@Suite struct JSONObjectTests {
    @Test func keepsTheOrderOfItsMembersAndTheLastOfAName() {
        let object: JSONObject = ["b": 1, "a": 2, "b": 3]
        #expect(object.keys == ["b", "a"])
        #expect(object["b"] == 3)
    }

    @Test(arguments: [3, 16, 17, 40])
    func findsReplacesAndRemovesAtAnySize(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["k\(number)"] = .int(Int64(number)) }
        object["k1"] = "changed"
        object["k0"] = nil
        object["k0"] = "back"
        #expect(object.count == count)
        #expect(object.keys == (1..<count).map { "k\($0)" } + ["k0"])
        #expect(object["k1"] == "changed")
        #expect(object["k\(count - 1)"] == .int(Int64(count - 1)))
        #expect(object["none"] == nil)
    }

    @Test func isEqualToTheSameMembersInAnotherOrder() {
        let one: JSONObject = ["a": 1, "b": ["c": 2]]
        let other: JSONObject = ["b": ["c": 2], "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one != ["a": 1, "b": ["c": 3]])
        #expect(one != ["a": 1])
    }
}
