import CPondTLS
import Glibc

/// Where the secrets of tokens come from.
enum TokenSecrets {
    /// The characters that a secret must have more than, so that one key held down is none.
    private static let minimumDifferentCharacters = 8

    /// The signer of a file with one secret a line, the first of which signs. Other users must not be able to read it.
    static func signer(file: String) throws(StartFailure) -> TokenSigner {
        try Self.checkAccess(file)
        switch TextFile.read(file) {
        case .failure(let fault): throw StartFailure(.configuration, fault.description)
        case .success(let text):
            let lines = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
            let secrets = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }.map(Self.trimmed)
            for secret in secrets where Set(secret).count <= Self.minimumDifferentCharacters {
                throw StartFailure(
                    .configuration,
                    "\(file): a secret has more than \(Self.minimumDifferentCharacters) different characters; "
                        + "make one with `openssl rand -base64 48`"
                )
            }
            guard let signer = TokenSigner(secrets: secrets.map { Array($0.utf8) }) else {
                throw StartFailure(
                    .configuration,
                    "\(file): a secret has at least \(TokenSigner.minimumSecretBytes) characters, one on each line; "
                        + "make one with `openssl rand -base64 48`"
                )
            }
            return signer
        }
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }

    /// Refuses a file that every user of the machine can read, or that others can replace. A group may read it, which
    /// is how a service that does not own its configuration gets at it.
    private static func checkAccess(_ file: String) throws(StartFailure) {
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & 0o027 != 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else { return }
        throw StartFailure(
            .configuration,
            "\(file) is open to other users (mode \(String(status.st_mode & 0o7777, radix: 8))): run `chmod 600 \(file)`"
        )
    }

    /// The signer of a data folder's own secret, which is made when it is missing.
    static func signer(in folder: DataFolder) throws(StartFailure) -> TokenSigner {
        if case .failure = TextFile.read(folder.tokenSecrets),
            !TextFile.create(folder.tokenSecrets, Base64URL.encode(try Self.random()) + "\n")
        {
            throw StartFailure(.dataFolder, "cannot write \(folder.tokenSecrets): \(DataFolder.lastError)")
        }
        return try Self.signer(file: folder.tokenSecrets)
    }

    /// A signer whose tokens end with the process.
    static func signerInMemory() throws(StartFailure) -> TokenSigner {
        guard let signer = TokenSigner(secrets: [try Self.random()]) else {
            throw StartFailure(.failed, "no secret for tokens")
        }
        return signer
    }

    private static func random() throws(StartFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 48)
        guard RAND_bytes(&bytes, Int32(bytes.count)) == 1 else { throw StartFailure(.failed, "no random numbers") }
        return bytes
    }
}
