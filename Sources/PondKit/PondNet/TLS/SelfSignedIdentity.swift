internal import CPondTLS

/// A key and a certificate that vouches for itself, valid for a year.
final class SelfSignedIdentity {
    /// MBSTRING_UTF8, a macro that Swift does not see.
    private static let utf8Strings: Int32 = 0x1000

    let key: OpaquePointer
    let certificate: OpaquePointer

    /// `lifetime` in seconds from now; a negative one makes a certificate that has expired, for tests.
    init(names: [String], lifetime: Int = 365 * 24 * 3600) throws(TLSFault) {
        guard let key = pond_tls_new_p256_key() else { throw TLSFault.fromQueue(during: "key") }
        guard let certificate = X509_new() else {
            EVP_PKEY_free(key)
            throw TLSFault.fromQueue(during: "certificate")
        }
        self.key = key
        self.certificate = certificate
        var serial = [UInt8](repeating: 0, count: 8)
        RAND_bytes(&serial, Int32(serial.count))
        let number = serial.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
        // Clocks differ: valid since yesterday.
        guard
            X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number) == 1,
            X509_gmtime_adj(X509_getm_notBefore(certificate), min(-24 * 3600, lifetime - 3600)) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), lifetime) != nil,
            X509_set_pubkey(certificate, key) == 1
        else { throw TLSFault.fromQueue(during: "certificate") }
        let subject = X509_get_subject_name(certificate)
        let commonName = Array((names.first ?? "localhost").utf8.prefix(64))
        guard
            X509_NAME_add_entry_by_txt(
                subject,
                "CN",
                Self.utf8Strings,
                commonName,
                Int32(commonName.count),
                -1,
                0
            ) == 1,
            X509_set_issuer_name(certificate, subject) == 1
        else { throw TLSFault.fromQueue(during: "certificate's name") }
        try self.extend(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        try self.extend(NID_key_usage, "critical,digitalSignature,keyCertSign")
        try self.extend(NID_ext_key_usage, "serverAuth")
        try self.extend(NID_subject_alt_name, try Self.alternativeNames(names))
        guard X509_sign(certificate, key, EVP_sha256()) > 0 else { throw TLSFault.fromQueue(during: "signature") }
    }

    deinit {
        X509_free(self.certificate)
        EVP_PKEY_free(self.key)
    }

    /// The certificate as a PEM text, for a client to trust.
    var certificatePEM: String {
        Self.text { PEM_write_bio_X509($0, self.certificate) == 1 }
    }

    var keyPEM: String {
        Self.text { PEM_write_bio_PrivateKey($0, self.key, nil, nil, 0, nil, nil) == 1 }
    }

    private static func alternativeNames(_ names: [String]) throws(TLSFault) -> String {
        var parts: [String] = []
        for name in names {
            // A comma or newline would be taken for more of the extension's syntax.
            let isPlain = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: ":"), UInt8(ascii: "*"):
                    true
                default:
                    false
                }
            }
            guard isPlain, !name.isEmpty else { throw TLSFault("\(name) is not a host name") }
            parts.append(SocketAddress(ip: name, port: 0) == nil ? "DNS:\(name)" : "IP:\(name)")
        }
        guard !parts.isEmpty else { throw TLSFault("a certificate needs a name") }
        return parts.joined(separator: ",")
    }

    private func extend(_ identifier: Int32, _ value: String) throws(TLSFault) {
        guard let extended = X509V3_EXT_conf_nid(nil, nil, identifier, value) else {
            throw TLSFault.fromQueue(during: "certificate extension \(value)")
        }
        defer { X509_EXTENSION_free(extended) }
        guard X509_add_ext(self.certificate, extended, -1) == 1 else {
            throw TLSFault.fromQueue(during: "certificate extension \(value)")
        }
    }

    private static func text(_ write: (OpaquePointer) -> Bool) -> String {
        guard let memory = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(memory) }
        guard write(memory) else { return "" }
        var start: UnsafeMutablePointer<CChar>?
        let count = pond_tls_memory(memory, &start)
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
