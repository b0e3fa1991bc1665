import PondKit
import Testing

@testable import pond_server

@Suite struct PasswordTests {
    @Test("A password is recognised and no other is; two hashes of one differ")
    func recognised() throws {
        let (one, other) = (try PasswordHash.make("correct horse"), try PasswordHash.make("correct horse"))
        #expect(one != other)
        #expect(PasswordHash.verify("correct horse", one))
        #expect(!PasswordHash.verify("correct hors", one))
        #expect(!PasswordHash.verify("", one))
    }

    @Test(
        "A stored text that is no hash matches nothing, and costs nothing",
        arguments: ["", "scrypt", "scrypt$99$8$1$AAAA$AAAA", "scrypt$15$9999$1$AAAA$AAAA", "plain", "scrypt$15$8$1$$"]
    )
    func nonsense(_ stored: String) { #expect(!PasswordHash.verify("", stored)) }

    @Test("More passwords than can wait are refused at once, and the others are checked")
    func flood() async throws {
        let worker = try PasswordWorker(waiting: 2)
        let hash = try await worker.hash("secret")
        let (right, refused) = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    do throws(PondError) {
                        return try await worker.verify("secret", hash) ? 200 : 401
                    } catch { return error.code }
                }
            }
            return await group.reduce(into: (0, 0)) { counts, code in
                if code == 200 { counts.0 += 1 } else if code == 429 { counts.1 += 1 }
            }
        }
        #expect(right + refused == 12 && right >= 2 && refused >= 1)
    }
}
