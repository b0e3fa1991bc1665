import Testing

@testable import PondCore

@Suite struct HTTPHeadersTests {
    @Test func findsNamesWithoutRegardToCaseAndKeepsTheOrder() {
        var headers: HTTPHeaders = ["Vary": "Origin", "X-One": "1"]
        headers.add("vary", "Accept")
        #expect(headers["VARY"] == "Origin")
        #expect(headers.values("vary") == ["Origin", "Accept"])
        #expect(headers.map(\.name) == ["Vary", "X-One", "vary"])
        #expect(headers.contains("x-one") && !headers.contains("x-two"))
        #expect(headers["x-two"] == nil)
    }

    @Test func settingReplacesEveryFieldOfTheNameWhereTheFirstStood() {
        var headers: HTTPHeaders = ["A": "1", "B": "2", "a": "3"]
        headers["a"] = "4"
        #expect(headers.map(\.value) == ["4", "2"])
        headers["b"] = nil
        #expect(headers.map(\.value) == ["4"])
        headers["c"] = "5"
        #expect(headers.map(\.value) == ["4", "5"])
    }

    @Test func readsCommaSeparatedListsOverSeveralFields() {
        let headers: HTTPHeaders = ["Connection": "keep-alive, Upgrade", "connection": " ,x\t"]
        #expect(headers.list("Connection") == ["keep-alive", "Upgrade", "x"])
        #expect(headers.hasToken("upgrade", in: "connection"))
        #expect(!headers.hasToken("up", in: "connection"))
    }

    @Test func equalityAndHashIgnoreTheCaseOfNames() {
        let one: HTTPHeaders = ["A": "x"]
        let two: HTTPHeaders = ["a": "x"]
        #expect(one == two && Set([one, two]).count == 1)
        #expect(one != ["A": "X"])
    }
}
