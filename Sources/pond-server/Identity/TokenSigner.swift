import CPondTLS
import PondChat
import PondKit

/// Makes and reads tokens: JSON Web Tokens with HMAC-SHA-256, which any other program can make too.
struct TokenSigner: Sendable {
    /// The secrets; the first one signs, all of them are believed.
    private let secrets: [[UInt8]]

    static let minimumSecretBytes = 32
    private static let maximumTokenBytes = 4_096

    /// `nil` without a secret, or with one that is too short to be one.
    init?(secrets: [[UInt8]]) {
        guard !secrets.isEmpty, secrets.allSatisfy({ $0.count >= Self.minimumSecretBytes }) else { return nil }
        self.secrets = secrets
    }

    /// Why a token is not believed; for the log, never for who sent it.
    enum Fault: Error, Sendable, Hashable {
        case malformed
        case wrongAlgorithm
        case wrongSignature
        case expired
        case notYetValid
    }

    func sign(_ claims: TokenClaims) -> String {
        var object = JSONObject([
            ("sub", .string(claims.name.text)), ("jti", .string(claims.id)),
            ("iat", Self.seconds(claims.issued)), ("exp", Self.seconds(claims.expires)),
        ])
        if let role = claims.role { object["role"] = .string(role.rawValue) }
        if let stay = claims.stay { object["stay"] = .string(stay) }
        let header = Base64URL.encode(#"{"alg":"HS256","typ":"JWT"}"#.utf8)
        let content = "\(header).\(Base64URL.encode(JSON.object(object).text.utf8))"
        return "\(content).\(Base64URL.encode(Self.mac(of: content, with: self.secrets[0])))"
    }

    func read(_ token: String, at now: ChatTime) throws(Fault) -> TokenClaims {
        guard token.utf8.count <= Self.maximumTokenBytes else { throw .malformed }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let body = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        // The token may not choose how it is checked.
        let head = try? JSON(parsing: header)
        guard let algorithm = head?["alg"]?.string else { throw .malformed }
        // Whoever says that something must be understood means more than is understood here.
        guard head?["crit"] == nil else { throw .malformed }
        guard algorithm == "HS256" else { throw .wrongAlgorithm }
        let content = token.prefix(parts[0].count + 1 + parts[1].count)
        guard self.secrets.contains(where: { Self.equal(Self.mac(of: content, with: $0), signature) }) else {
            throw .wrongSignature
        }
        return try Self.claims(body, token: token, at: now)
    }

    private static func claims(_ body: [UInt8], token: String, at now: ChatTime) throws(Fault) -> TokenClaims {
        guard let json = try? JSON(parsing: body), let subject = json["sub"]?.string,
            let name = try? UserName(subject), let expires = Self.time(json["exp"])
        else { throw .malformed }
        guard now < expires else { throw .expired }
        // Clocks of two machines differ a little.
        if let from = Self.time(json["nbf"]), now + .seconds(30) < from { throw .notYetValid }
        let role = json["role"]?.string
        guard role == nil || role.flatMap(ChatRole.init(rawValue:)) != nil else { throw .malformed }
        return TokenClaims(
            name: name,
            id: json["jti"]?.string ?? Base64URL.encode(Self.digest(token)),
            issued: Self.time(json["iat"]) ?? ChatTime(milliseconds: 0),
            expires: expires,
            role: role.flatMap(ChatRole.init(rawValue:)),
            stay: json["stay"]?.string
        )
    }

    private static func time(_ json: JSON?) -> ChatTime? {
        guard let seconds = json?.double, seconds >= 0, seconds < 1e12 else { return nil }
        return ChatTime(milliseconds: Int64((seconds * 1000).rounded()))
    }

    /// Whole seconds where they are, for readers that expect no others.
    private static func seconds(_ time: ChatTime) -> JSON {
        time.milliseconds % 1000 == 0 ? .int(time.milliseconds / 1000) : .double(Double(time.milliseconds) / 1000)
    }

    private static func mac(of content: some StringProtocol, with secret: [UInt8]) -> [UInt8] {
        let data = Array(content.utf8)
        var mac = [UInt8](repeating: 0, count: 32)
        var count = UInt32(0)
        _ = HMAC(EVP_sha256(), secret, Int32(secret.count), data, data.count, &mac, &count)
        return mac
    }

    static func digest(_ text: String) -> [UInt8] {
        let data = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        var count = UInt32(0)
        _ = EVP_Digest(data, data.count, &digest, &count, EVP_sha256(), nil)
        return digest
    }

    private static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
    }
}
