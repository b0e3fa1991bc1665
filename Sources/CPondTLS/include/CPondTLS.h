// OpenSSL: macros as functions.
#ifndef POND_TLS_H
#define POND_TLS_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// TLS 1.2 and later with forward secrecy and authenticated encryption only, no renegotiation, no compression, small
// idle connections. Returns 1, or 0 where the library knows none of the cipher suites.
static inline int pond_tls_set_defaults(SSL_CTX *context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    // Of TLS 1.2; all suites of TLS 1.3 are of this kind.
    return SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
}

// Chooses http/1.1 among what the client offers, and refuses a client that offers something else only.
void pond_tls_choose_http11(SSL_CTX *context);
// Offers http/1.1.
int pond_tls_offer_http11(SSL_CTX *context);

static inline int pond_tls_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

static inline long pond_tls_memory(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }
static inline void pond_tls_empty(BIO *bio) { (void)BIO_reset(bio); }
static inline size_t pond_tls_pending(BIO *bio) { return BIO_ctrl_pending(bio); }
static inline void pond_tls_empty_is_not_the_end(BIO *bio) { BIO_set_mem_eof_return(bio, -1); }

static inline EVP_PKEY *pond_tls_new_p256_key(void) { return EVP_EC_gen("P-256"); }

#endif
