import PondCore

/// Between typed values and what the raw layer keeps.
enum TypedValues {
    /// Decodes what a peer sent; an error is the peer's, and names the place of the fault.
    static func received<Value: Decodable>(_ payload: Payload, _ type: Value.Type) throws(PondError) -> Value {
        do {
            return try payload.decode(type)
        } catch {
            var fault = error
            fault.kind = .invalidMessage
            throw fault
        }
    }

    /// Decodes what the server keeps; an error is internal and not sent to peers.
    static func kept<Value: Decodable>(_ object: JSONObject, _ type: Value.Type) throws(PondError) -> Value {
        do {
            return try JSON.object(object).decode(type)
        } catch {
            throw Self.ours(error)
        }
    }

    /// What this side keeps of several users, as a type each.
    static func kept<Value: Decodable>(
        _ objects: [String: JSONObject],
        _ type: Value.Type
    ) throws(PondError) -> [String: Value] {
        var values: [String: Value] = [:]
        for (key, object) in objects { values[key] = try Self.kept(object, type) }
        return values
    }

    /// A value as an object for assigns or presence.
    static func object(_ value: some Encodable) throws(PondError) -> JSONObject {
        do throws(PondError) {
            guard case .object(let object) = try JSON(encoding: value) else {
                throw PondError.internalError("not an object")
            }
            return object
        } catch {
            throw Self.ours(error)
        }
    }

    /// Any value as a payload, an array or a text included.
    static func encoded(_ value: some Encodable) throws(PondError) -> Payload {
        do throws(PondError) {
            return try Payload(encoding: value)
        } catch {
            throw Self.ours(error)
        }
    }

    /// A value as a payload that is an object.
    static func payload(_ value: some Encodable) throws(PondError) -> Payload {
        Payload(try Self.object(value))
    }

    private static func ours(_ error: PondError) -> PondError {
        var fault = PondError.internalError("Internal Server Error")
        fault.underlying = "a typed value: \(error.message)"
        return fault
    }
}
