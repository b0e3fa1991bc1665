import PondKit
import PondTesting
import Testing

@Suite struct JSONTreeTests {
    @Test(
        arguments: [
            ("0", .int(0)), ("-0", .double(-0.0)), ("9223372036854775807", .int(.max)),
            ("9223372036854775808", .uint(1 << 63)), ("18446744073709551615", .uint(.max)),
            ("18446744073709551616", .double(18_446_744_073_709_551_616)), ("-9223372036854775808", .int(.min)),
            ("-9223372036854775809", .double(-9_223_372_036_854_775_808)), ("1.0", .double(1)), ("1e2", .double(100)),
            ("5e-324", .double(.leastNonzeroMagnitude)),
            (#""\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\""#, .string("é😀/\u{8}\u{C}\n\r\t\"\\")),
            (#""\u0000""#, .string("\u{0}")), ("[1,[true,null]]", [1, [true, nil]]),
            (#"{"b":1,"a":2,"b":3}"#, ["b": 3, "a": 2]),
        ] as [(String, JSON)]
    )
    func reads(_ text: String, _ expected: JSON) throws {
        let value = try JSON(parsing: text)
        #expect(value == expected)
        if case .double(let number) = value { #expect(number.sign == expected.double?.sign) }
    }

    @Test(arguments: [
        ("", "Invalid JSON: Unexpected end at byte 0"),
        (#"{"a":{"b":[1,2,tru]}}"#, "a.b[2]: Invalid JSON: Expected a value at byte 15"),
        (#"[{"x":"\ud8"}]"#, "[0].x: Invalid JSON: Malformed escape at byte 7"),
        ("1 2", "Invalid JSON: Unexpected data after the value at byte 2"),
    ])
    func saysWhereTheTextIsWrong(_ text: String, _ description: String) {
        let fault = #expect(throws: JSONFault.self) { try JSON(parsing: text) }
        #expect(fault?.description == description)
    }

    @Test func readsWhatItWroteForAnyValue() throws {
        var random = SeededRandom()
        print("JSONTreeTests seed \(random.seed)")
        for round in 0..<2000 {
            let value = random.json(depth: 4)
            var bytes: [UInt8] = []
            value.write(into: &bytes)
            let again = try JSON(parsing: bytes)
            #expect(again == value, "seed \(random.seed), round \(round)")
            #expect(again.text == value.text)
        }
    }

    @Test func escapesEveryControlCharacterAtEveryPlace() throws {
        for scalar in UInt8(0)..<0x80 {
            for before in 0...17 {
                let text = String(repeating: "a", count: before) + String(UnicodeScalar(scalar)) + "end of the text"
                var bytes: [UInt8] = []
                JSON.string(text).write(into: &bytes)
                #expect(!bytes.contains { $0 < 0x20 })
                #expect(try JSON(parsing: bytes) == .string(text))
            }
        }
    }

    @Test func writesNumbersThatAreNotFiniteAsNull() {
        #expect(JSON.array([.double(.nan), .double(.infinity)]).text == "[null,null]")
    }

    @Test func findsMembersOfLargeObjectsAndKeepsTheirOrder() throws {
        var object = JSONObject()
        for number in 0..<5000 { object["k\(number)"] = .int(Int64(number)) }
        object["k17"] = "again"
        object["k3"] = nil
        #expect(object.count == 4999)
        #expect(object["k4999"] == 4999)
        #expect(object["k17"] == "again")
        #expect(object["k3"] == nil)
        #expect(object.keys.prefix(4) == ["k0", "k1", "k2", "k4"])
        #expect(try JSON(parsing: JSON.object(object).text) == .object(object))
    }

    @Test func keepsPayloadBytesAsTheyCame() throws {
        let text = Array(#"{ "a" : 1.00, "a":2 }"#.utf8)
        let payload = try Payload(parsing: text)
        #expect(payload.bytes == text)
        #expect(payload["a"] == 2)
        #expect(throws: JSONFault.self) { try Payload(parsing: Array("{".utf8)) }
    }
}
