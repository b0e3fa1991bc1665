import PondKit
import Testing

@Suite struct JSONConvertibleTests {
    private let name = "ann"
    private let count = 3
    private let tags = ["a", "b"]
    private let missing: String? = nil
    private let present: Int? = 7
    private let wide = UInt64.max

    @Test func aPayloadTakesVariablesOfEveryTypeThatJSONHas() {
        let payload = Payload([
            "name": self.name, "count": self.count, "tags": self.tags, "missing": self.missing, "present": self.present,
            "wide": self.wide, "byId": ["b": 2, "a": 1], "ratio": 0.5, "on": true, "part": self.name.prefix(1),
            "tree": JSON(["id": self.count, "name": self.name]), "none": nil,
        ])
        #expect(
            payload.description == #"{"name":"ann","count":3,"tags":["a","b"],"missing":null,"present":7,"#
                + #""wide":18446744073709551615,"byId":{"a":1,"b":2},"ratio":0.5,"on":true,"part":"a","#
                + #""tree":{"id":3,"name":"ann"},"none":null}"#
        )
    }

    /// Twenty members of mixed expressions: what a type checker that tries every overload would not finish.
    @Test func aLiteralOfTwentyExpressionsCompiles() {
        let object = JSONObject([
            "a": self.count + 1, "b": "\(self.name) is", "c": self.count > 3 ? "x" : "y", "d": self.name.isEmpty,
            "e": self.name, "f": self.count, "g": self.tags, "h": self.missing, "i": self.name + "!", "j": -self.count,
            "k": self.tags.map(\.count), "l": self.missing?.count, "m": self.name.count * 2, "n": self.count / 2,
            "o": self.tags.first, "p": self.present.map { $0 + 1 }, "q": self.count * 2, "r": 2.5, "s": -1, "t": 1 << 4,
        ])
        #expect(object.count == 20)
        #expect(object["p"] == 8)
        #expect(object["l"] == .null)
        #expect(object["t"] == 16)
    }

    @Test func aMemberIsSetInAPayloadAndInATree() {
        var payload: Payload = ["a": 1]
        payload["b"] = "x"
        payload["a"] = nil
        #expect(payload.description == #"{"b":"x"}"#)
        var tree: JSON = ["user": ["name": "ann"]]
        tree["user"]?["name"] = "bob"
        tree["n"] = JSON(self.count)
        #expect(tree == ["user": ["name": "bob"], "n": 3])
        var text: JSON = "no object"
        text["x"] = nil
        #expect(text == "no object")
        text["x"] = true
        #expect(text == ["x": true])
    }

    private struct Point: JSONConvertible {
        var x: Int
        var json: JSON { ["x": .int(Int64(self.x))] }
    }

    @Test func aTypeOfOnesOwnGivesItsForm() {
        #expect(JSONObject(["at": Point(x: 1), "path": [Point(x: 2)]]) == ["at": ["x": 1], "path": [["x": 2]]])
    }
}
