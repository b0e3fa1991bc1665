#include "CPondTLS.h"

static const unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

static int choose(SSL *session, const unsigned char **out, unsigned char *length, const unsigned char *offered,
                  unsigned int offered_length, void *argument) {
    (void)session;
    (void)argument;
    int found = SSL_select_next_proto((unsigned char **)out, length, http11, sizeof http11, offered, offered_length);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void pond_tls_choose_http11(SSL_CTX *context) { SSL_CTX_set_alpn_select_cb(context, choose, 0); }

int pond_tls_offer_http11(SSL_CTX *context) { return SSL_CTX_set_alpn_protos(context, http11, sizeof http11); }
