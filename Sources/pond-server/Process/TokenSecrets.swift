import CPondTLS

/// Where the secrets of tokens come from.
enum TokenSecrets {
    /// The signer of a file with one secret a line, the first of which signs.
    static func signer(file: String) throws(StartFailure) -> TokenSigner {
        switch TextFile.read(file) {
        case .failure(let fault): throw StartFailure(.configuration, fault.description)
        case .success(let text):
            let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
            guard let signer = TokenSigner(secrets: lines.map { Array($0.utf8) }) else {
                let least = TokenSigner.minimumSecretBytes
                throw StartFailure(
                    .configuration,
                    "\(file): a secret has at least \(least) characters, one on each line"
                )
            }
            return signer
        }
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
