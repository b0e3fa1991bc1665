import PondKit
import Testing

@Suite struct JSONObjectTests {
    @Test func keepsTheOrderOfItsMembersAndTheLastOfAName() {
        let object: JSONObject = ["b": 1, "a": 2, "b": 3]
        #expect(object.keys == ["b", "a"])
        #expect(object["b"] == 3)
    }
}
