import PondKit
import Testing

@Suite struct CodableBridgeTests {
    struct User: Codable, Equatable {
        var name: String
        var age: Int?
        var tags: [String]
        var scores: [String: Double]
        var level: UInt8
        var kind: Kind
        var extra: JSON?
    }

    enum Kind: String, Codable { case guest, member }

    struct Room: Codable, Equatable {
        var owner: User
        var members: [User]
    }

    class Animal: Codable {
        var name = "Rex"
    }

    final class Dog: Animal {
        var breed = "Collie"
        private enum Keys: CodingKey { case breed }

        override init() { super.init() }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            self.breed = try container.decode(String.self, forKey: .breed)
            try super.init(from: container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(self.breed, forKey: .breed)
            try super.encode(to: container.superEncoder())
        }
    }

    private static let user = User(
        name: "Ada",
        age: nil,
        tags: ["a", "b"],
        scores: ["x": 1.5],
        level: 200,
        kind: .member,
        extra: ["z": [1, nil]]
    )

    @Test func bringsAValueThroughAPayloadAndBack() throws {
        let room = Room(owner: Self.user, members: [Self.user, Self.user])
        let payload = try Payload(encoding: room)
        #expect(try payload.decode(Room.self) == room)
        #expect(
            payload.description.hasPrefix(#"{"owner":{"name":"Ada","tags":["a","b"],"scores":{"x":1.5},"level":200,"#)
        )
        #expect(try Payload(encoding: [1: "a"]).decode([Int: String].self) == [1: "a"])
        #expect(try Payload(encoding: UInt64.max).decode(UInt64.self) == .max)
        #expect(try Payload(encoding: Optional<Int>.none).decode(Int?.self) == nil)
    }

    @Test func encodesSuperclasses() throws {
        let dog = Dog()
        dog.name = "Lassie"
        let payload = try Payload(encoding: dog)
        #expect(payload.json == ["breed": "Collie", "super": ["name": "Lassie"]])
        #expect(try payload.decode(Dog.self).name == "Lassie")
    }

    @Test(arguments: [
        (
            #"{"owner":{"tags":[],"scores":{},"level":1,"kind":"guest"},"members":[]}"#,
            "owner.name: Missing required field"
        ),
        (
            #"{"owner":{"name":7,"tags":[],"scores":{},"level":1,"kind":"guest"},"members":[]}"#,
            "owner.name: Expected string, got number"
        ),
        (
            #"{"owner":{"name":"x","tags":["a",true],"scores":{},"level":1,"kind":"guest"},"members":[]}"#,
            "owner.tags[1]: Expected string, got boolean"
        ),
        (
            #"{"owner":{"name":"x","tags":[],"scores":{"s":"t"},"level":1,"kind":"guest"},"members":[]}"#,
            "owner.scores.s: Expected number, got string"
        ),
        (
            #"{"owner":{"name":"x","tags":[],"scores":{},"level":256,"kind":"guest"},"members":[]}"#,
            "owner.level: Number does not fit UInt8"
        ),
        (
            #"{"owner":{"name":"x","tags":[],"scores":{},"level":1.5,"kind":"guest"},"members":[]}"#,
            "owner.level: Expected integer, got number"
        ),
        (#"{"owner":[],"members":[]}"#, "owner: Expected object, got array"),
        ("[]", "payload: Expected object, got array"),
    ])
    func namesThePlaceOfTheFirstFault(_ text: String, _ message: String) throws {
        let payload = try Payload(parsing: Array(text.utf8))
        let fault = #expect(throws: PondError.self) { try payload.decode(Room.self) }
        #expect(fault == .badRequest(message))
    }

    @Test func refusesToEncodeWhatJSONCannotSay() {
        #expect(throws: PondError.badRequest("[1]: Number is not finite")) { try Payload(encoding: [1, Double.nan]) }
    }
}
