import CPondTLS
import PondKit

/// A password as it is stored: salted and stretched with scrypt, `scrypt$15$8$1$SALT$HASH`.
///
/// Takes some 100 ms and 32 MiB on purpose: never call it on a loop.
enum PasswordHash {
    private static let cost = 15
    private static let blockSize: UInt64 = 8
    private static let parallel: UInt64 = 1
    private static let bytes = 32

    /// The text to store for a password; throws where there is no memory or randomness for it.
    static func make(_ password: String) throws(PondError) -> String {
        var salt = [UInt8](repeating: 0, count: 16)
        guard RAND_bytes(&salt, Int32(salt.count)) == 1,
            let hash = Self.scrypt(password, salt, 1 << UInt64(Self.cost), Self.blockSize, Self.parallel)
        else { throw .unavailable("the password could not be processed") }
        return "scrypt$\(Self.cost)$\(Self.blockSize)$\(Self.parallel)"
            + "$\(Base64URL.encode(salt))$\(Base64URL.encode(hash))"
    }

    /// Whether a password is the one that was stored; takes the same time for both answers.
    static func verify(_ password: String, _ stored: String) -> Bool {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let cost = UInt64(parts[1]), (10...18).contains(cost),
            let blockSize = UInt64(parts[2]), (1...16).contains(blockSize), let parallel = UInt64(parts[3]),
            (1...8).contains(parallel), let salt = Base64URL.decode(parts[4]), let hash = Base64URL.decode(parts[5]),
            hash.count == Self.bytes, let found = Self.scrypt(password, salt, 1 << cost, blockSize, parallel)
        else { return false }
        return CRYPTO_memcmp(found, hash, hash.count) == 0
    }

    private static func scrypt(
        _ password: String,
        _ salt: [UInt8],
        _ cost: UInt64,
        _ blockSize: UInt64,
        _ parallel: UInt64
    ) -> [UInt8]? {
        var hash = [UInt8](repeating: 0, count: Self.bytes)
        let password = password.utf8.map { CChar(bitPattern: $0) }
        let memory: UInt64 = 512 * 1024 * 1024
        let code = EVP_PBE_scrypt(
            password,
            password.count,
            salt,
            salt.count,
            cost,
            blockSize,
            parallel,
            memory,
            &hash,
            hash.count
        )
        return code == 1 ? hash : nil
    }
}
