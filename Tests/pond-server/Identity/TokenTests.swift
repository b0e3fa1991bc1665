import PondChat
import PondKit
import Testing

@testable import pond_server

@Suite struct TokenTests {
    private let secret = [UInt8](repeating: 7, count: 32)
    private let now = ChatTime(milliseconds: 1_700_000_000_000)

    private func signer(_ secrets: [[UInt8]]? = nil) throws -> TokenSigner {
        try #require(TokenSigner(secrets: secrets ?? [self.secret]))
    }

    private func claims(_ name: String = "Alice") throws -> TokenClaims {
        TokenClaims(
            name: try UserName(name),
            id: "t1",
            issued: self.now,
            expires: self.now + .seconds(60),
            role: .moderator,
            stay: "s"
        )
    }

    @Test("A token says what was signed, until it ends")
    func roundTrip() throws {
        let signer = try self.signer()
        let claims = try self.claims()
        let token = signer.sign(claims)
        #expect(try signer.read(token, at: self.now) == claims)
        #expect(try signer.read(token, at: self.now + .seconds(59)).name.text == "Alice")
        #expect(throws: TokenSigner.Fault.expired) { try signer.read(token, at: self.now + .seconds(60)) }
    }

    @Test("The signature is that of the standard's example")
    func standard() throws {
        let secret = try #require(
            Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        )
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
            + "LmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        // It has no subject, so it is no token of ours; but that is found after the signature was found good.
        #expect(throws: TokenSigner.Fault.malformed) { try self.signer([secret]).read(token, at: self.now) }
        #expect(throws: TokenSigner.Fault.wrongSignature) { try self.signer().read(token, at: self.now) }
    }

    @Test("A token from the future, which no revocation would reach, is refused; clocks may differ a little")
    func future() throws {
        let signer = try self.signer()
        var claims = try self.claims()
        claims.expires = self.now + .seconds(100_000)
        claims.issued = self.now + .seconds(59)
        #expect(try signer.read(signer.sign(claims), at: self.now).isIssued(from: nil, upTo: self.now))
        claims.issued = self.now + .seconds(61)
        #expect(try !signer.read(signer.sign(claims), at: self.now).isIssued(from: nil, upTo: self.now))
    }

    @Test func aTokenHoldsFromTheMomentAtWhichEarlierOnesWereMadeVoidEvenWhereTheClockWasAhead() throws {
        var claims = try self.claims()
        for start in [self.now + .seconds(-100), self.now + .seconds(400 * 86_400)] {
            claims.issued = max(self.now, start)
            #expect(claims.isIssued(from: start, upTo: self.now))
            claims.issued = start + .milliseconds(-1)
            #expect(!claims.isIssued(from: start, upTo: self.now))
            claims.issued = max(self.now, start) + .seconds(61)
            #expect(!claims.isIssued(from: start, upTo: self.now))
        }
    }

    @Test("A token with any one character changed is refused")
    func tampered() throws {
        let signer = try self.signer()
        let token = Array(signer.sign(try self.claims()).utf8)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: TokenSigner.Fault.self) {
                try signer.read(String(decoding: changed, as: UTF8.self), at: self.now)
            }
        }
    }

    @Test(
        "A token cannot choose to be unsigned, and nonsense is no token",
        arguments: [
            "", ".", "..", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", String(repeating: "a.", count: 5_000),
            "ä.ö.ü",
        ]
    )
    func nonsense(_ token: String) throws {
        #expect(throws: TokenSigner.Fault.self) { try self.signer().read(token, at: self.now) }
    }

    @Test("A token that wants more to be understood than is understood here is refused")
    func critical() throws {
        let parts = try self.signer().sign(try self.claims()).split(separator: ".")
        let header = Base64URL.encode(#"{"alg":"HS256","crit":["exp"]}"#.utf8)
        #expect(throws: TokenSigner.Fault.malformed) {
            try self.signer().read("\(header).\(parts[1]).\(parts[2])", at: self.now)
        }
    }

    @Test("A token of an older secret is believed as long as the secret is kept")
    func rotation() throws {
        let other = [UInt8](repeating: 9, count: 40)
        let token = try self.signer().sign(try self.claims())
        #expect(try self.signer([other, self.secret]).read(token, at: self.now).id == "t1")
        #expect(throws: TokenSigner.Fault.wrongSignature) { try self.signer([other]).read(token, at: self.now) }
    }

    @Test("A short secret is no secret")
    func shortSecret() {
        #expect(TokenSigner(secrets: []) == nil)
        #expect(TokenSigner(secrets: [[UInt8](repeating: 1, count: 31)]) == nil)
    }

    @Test("Base64 has one spelling for all bytes", arguments: 0..<40)
    func base64(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ 13) }
        let text = Base64URL.encode(bytes)
        #expect(Base64URL.decode(text) == bytes)
        #expect(Base64URL.decode(text + "=") == nil && Base64URL.decode(text + "+") == nil)
    }

    @Test("Spare bits and lone digits are no base64", arguments: ["A", "AB", "AAB", "AAAAA"])
    func badBase64(_ text: String) { #expect(Base64URL.decode(text) == nil) }
}
