internal import CPondTLS

/// One side of one TLS connection, in memory: ciphertext in and out, plaintext in and out, no socket.
///
/// It belongs to the loop of its channel.
final class TLSSession {
    enum Progress: Equatable {
        case done
        /// Needs more from the peer.
        case waiting
        case failed(String)
    }

    enum Reading: Equatable {
        case bytes(Int)
        /// Needs more from the peer.
        case waiting
        /// The peer said goodbye.
        case ended
        case failed(String)
    }

    private let context: TLSContext
    private let session: OpaquePointer
    /// Ciphertext from the peer; belongs to `session`.
    private let input: OpaquePointer
    /// Ciphertext for the peer; belongs to `session`.
    private let output: OpaquePointer

    private init(_ context: TLSContext) throws(TLSFault) {
        guard let session = SSL_new(context.pointer) else { throw TLSFault.fromQueue(during: "new session") }
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(session)
            throw TLSFault.fromQueue(during: "new session")
        }
        pond_tls_empty_is_not_the_end(input)
        pond_tls_empty_is_not_the_end(output)
        SSL_set_bio(session, input, output)
        self.context = context
        self.session = session
        self.input = input
        self.output = output
    }

    deinit { SSL_free(self.session) }

    convenience init(server context: TLSContext) throws(TLSFault) {
        try self.init(context)
        SSL_set_accept_state(self.session)
    }

    /// `name` is what the server must be able to prove: a host name or an IP address.
    convenience init(client context: TLSContext, name: String) throws(TLSFault) {
        try self.init(context)
        SSL_set_connect_state(self.session)
        if SocketAddress(ip: name, port: 0) != nil {
            guard X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(self.session), name) == 1 else {
                throw TLSFault("\(name) is not an IP address")
            }
        } else {
            // A trailing dot is DNS, not part of the name in a certificate.
            let host = name.hasSuffix(".") ? String(name.dropLast()) : name
            SSL_set_hostflags(self.session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            guard
                !host.isEmpty, SSL_set1_host(self.session, host) == 1,
                pond_tls_set_server_name(self.session, host) == 1
            else { throw TLSFault("\(name) is not a host name") }
        }
    }

    /// Takes ciphertext from the peer; false when memory is short.
    func receive(_ ciphertext: UnsafeRawBufferPointer) -> Bool {
        BIO_write(self.input, ciphertext.baseAddress, Int32(clamping: ciphertext.count)) == ciphertext.count
    }

    func handshake() -> Progress {
        ERR_clear_error()
        let result = SSL_do_handshake(self.session)
        if result == 1 { return .done }
        return SSL_get_error(self.session, result) == SSL_ERROR_WANT_READ ? .waiting : .failed(self.reason())
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        ERR_clear_error()
        let count = SSL_read(self.session, buffer.baseAddress, Int32(clamping: buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        switch SSL_get_error(self.session, count) {
        case SSL_ERROR_WANT_READ: return .waiting
        case SSL_ERROR_ZERO_RETURN: return .ended
        default: return .failed(self.reason())
        }
    }

    /// Encrypts everything; the ciphertext waits in the output. Nil when it went well.
    func write(_ plaintext: UnsafeRawBufferPointer) -> String? {
        var rest = plaintext
        while !rest.isEmpty {
            ERR_clear_error()
            let count = SSL_write(self.session, rest.baseAddress, Int32(clamping: rest.count))
            guard count > 0 else { return self.reason() }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(count)...])
        }
        return nil
    }

    /// Puts the goodbye into the output.
    func sayGoodbye() {
        ERR_clear_error()
        SSL_shutdown(self.session)
        ERR_clear_error()
    }

    /// Ciphertext or plaintext of the peer is still in here.
    var hasInput: Bool { pond_tls_pending(self.input) > 0 || SSL_pending(self.session) > 0 }

    /// There is ciphertext for the peer.
    var hasOutput: Bool { pond_tls_pending(self.output) > 0 }

    /// Hands the waiting ciphertext to `body` and forgets it.
    func takeOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start: UnsafeMutablePointer<CChar>?
        let count = pond_tls_memory(self.output, &start)
        guard count > 0 else { return }
        body(UnsafeRawBufferPointer(start: start, count: count))
        pond_tls_empty(self.output)
    }

    /// The protocol that was agreed on, `http/1.1` or none.
    var applicationProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(self.session, &start, &count)
        guard let start, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    private func reason() -> String {
        let code = SSL_get_verify_result(self.session)
        if code != Int(X509_V_OK), let text = X509_verify_cert_error_string(code) {
            ERR_clear_error()
            return String(cString: text)
        }
        return TLSFault.fromQueue(during: "handshake or record refused").description
    }
}
