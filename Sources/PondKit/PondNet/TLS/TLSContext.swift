internal import CPondTLS

/// What the sessions of one configuration have in common.
///
/// `@unchecked Sendable`: OpenSSL guards a context by locks of its own, and it is not changed after `init`.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer

    private init(_ method: OpaquePointer?) throws(TLSFault) {
        guard let pointer = SSL_CTX_new(method) else { throw TLSFault.fromQueue(during: "new context") }
        self.pointer = pointer
        guard pond_tls_set_defaults(pointer) == 1 else { throw TLSFault.fromQueue(during: "cipher suites") }
    }

    deinit { SSL_CTX_free(self.pointer) }

    convenience init(server configuration: TLSServerConfiguration) throws(TLSFault) {
        try self.init(TLS_server_method())
        pond_tls_choose_http11(self.pointer)
        switch configuration.identity {
        case .files(let certificateChain, let privateKey):
            guard SSL_CTX_use_certificate_chain_file(self.pointer, certificateChain) == 1 else {
                throw TLSFault.fromQueue(during: "certificate \(certificateChain)")
            }
            guard SSL_CTX_use_PrivateKey_file(self.pointer, privateKey, SSL_FILETYPE_PEM) == 1 else {
                throw TLSFault.fromQueue(during: "private key \(privateKey)")
            }
        case .selfSigned(let names):
            let identity = try SelfSignedIdentity(names: names)
            guard
                SSL_CTX_use_certificate(self.pointer, identity.certificate) == 1,
                SSL_CTX_use_PrivateKey(self.pointer, identity.key) == 1
            else { throw TLSFault.fromQueue(during: "self-signed certificate") }
        }
        guard SSL_CTX_check_private_key(self.pointer) == 1 else {
            throw TLSFault.fromQueue(during: "certificate and private key do not belong together")
        }
    }

    convenience init(client configuration: TLSClientConfiguration) throws(TLSFault) {
        try self.init(TLS_client_method())
        guard pond_tls_offer_http11(self.pointer) == 0 else { throw TLSFault("offering http/1.1") }
        guard configuration.verifiesServer else {
            SSL_CTX_set_verify(self.pointer, SSL_VERIFY_NONE, nil)
            return
        }
        SSL_CTX_set_verify(self.pointer, SSL_VERIFY_PEER, nil)
        switch configuration.authorities {
        case .system:
            guard SSL_CTX_set_default_verify_paths(self.pointer) == 1 else {
                throw TLSFault.fromQueue(during: "the system's authorities")
            }
        case .file(let path):
            guard SSL_CTX_load_verify_locations(self.pointer, path, nil) == 1 else {
                throw TLSFault.fromQueue(during: "authorities \(path)")
            }
        case .pem(let text):
            try self.trust(pem: text)
        }
    }

    private func trust(pem text: String) throws(TLSFault) {
        let bytes = Array(text.utf8)
        guard let source = BIO_new_mem_buf(bytes, Int32(clamping: bytes.count)) else {
            throw TLSFault.fromQueue(during: "authorities")
        }
        defer { BIO_free(source) }
        let store = SSL_CTX_get_cert_store(self.pointer)
        var count = 0
        while let certificate = PEM_read_bio_X509(source, nil, nil, nil) {
            defer { X509_free(certificate) }
            guard X509_STORE_add_cert(store, certificate) == 1 else {
                throw TLSFault.fromQueue(during: "authorities")
            }
            count += 1
        }
        ERR_clear_error()
        guard count > 0 else { throw TLSFault("authorities: no certificate in the text") }
    }
}
