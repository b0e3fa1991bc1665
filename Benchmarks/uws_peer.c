// uWebSockets as a PondSocket server, for comparison only: joins subscribe to a topic, `message` is published natively,
// `echo` is answered. It finds the envelope's fields by searching for their names, so it does less than a real server.
//
//     uws-peer PORT
//
// The library is the C interface of the `socketify` package from PyPI (uWebSockets 20 on libuv).
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct us_socket_context_options_t {
    const char *key_file_name, *cert_file_name, *passphrase, *dh_params_file_name, *ca_file_name, *ssl_ciphers;
    int ssl_prefer_low_memory_usage;
};
typedef struct uws_app_s uws_app_t;
typedef struct uws_websocket_s uws_websocket_t;
typedef struct { int port; const char *host; int options; } uws_app_listen_config_t;
typedef struct {
    int compression;
    unsigned int max_payload_length;
    unsigned short idle_timeout;
    unsigned int max_backpressure;
    bool close_on_backpressure_limit, reset_idle_timeout_on_send, send_pings_automatically;
    unsigned short max_lifetime;
    void *upgrade;
    void (*open)(uws_websocket_t *, void *);
    void (*message)(uws_websocket_t *, const char *, size_t, int, void *);
    void *drain, *ping, *pong;
    void (*close)(uws_websocket_t *, int, const char *, size_t, void *);
    void *subscription;
} uws_socket_behavior_t;

uws_app_t *uws_create_app(int ssl, struct us_socket_context_options_t options);
void uws_ws(int ssl, uws_app_t *app, const char *pattern, uws_socket_behavior_t behavior, void *user);
void uws_app_listen_with_config(int ssl, uws_app_t *app, uws_app_listen_config_t config, void (*handler)(void *, uws_app_listen_config_t, void *), void *user);
void uws_app_run(int ssl, uws_app_t *app);
bool uws_publish(int ssl, uws_app_t *app, const char *topic, size_t topic_length, const char *message, size_t length, int opcode, bool compress);
int uws_ws_send(int ssl, uws_websocket_t *ws, const char *message, size_t length, int opcode);
bool uws_ws_subscribe(int ssl, uws_websocket_t *ws, const char *topic, size_t length);

static uws_app_t *app;
static char out[1 << 20];

struct text { const char *begin; size_t length; };

// The text value of a key; the payload's own keys come last in what our load generator sends.
static struct text field(const char *message, size_t length, const char *key) {
    struct text none = {NULL, 0};
    const char *at = memmem(message, length, key, strlen(key));
    if (!at) return none;
    at += strlen(key);
    const char *end = memchr(at, '"', (size_t)(message + length - at));
    if (!end) return none;
    struct text found = {at, (size_t)(end - at)};
    return found;
}

static void opened(uws_websocket_t *ws, void *user) {
    (void)user;
    static const char hello[] = "{\"action\":\"CONNECT\",\"event\":\"CONNECTION\",\"channelName\":\"GATEWAY\",\"requestId\":\"0\",\"payload\":{\"id\":\"x\",\"connectionId\":\"x\"}}";
    uws_ws_send(0, ws, hello, sizeof hello - 1, 1);
}

static void received(uws_websocket_t *ws, const char *message, size_t length, int opcode, void *user) {
    (void)opcode;
    (void)user;
    struct text action = field(message, length, "\"action\":\""), event = field(message, length, "\"event\":\"");
    struct text channel = field(message, length, "\"channelName\":\""), request = field(message, length, "\"requestId\":\"");
    if (!action.begin || !event.begin || !channel.begin || !request.begin) return;
    if (action.begin[0] == 'J') {
        uws_ws_subscribe(0, ws, channel.begin, channel.length);
        int n = snprintf(out, sizeof out, "{\"action\":\"SYSTEM\",\"event\":\"ACKNOWLEDGE\",\"channelName\":\"%.*s\",\"requestId\":\"%.*s\",\"payload\":{}}",
                         (int)channel.length, channel.begin, (int)request.length, request.begin);
        uws_ws_send(0, ws, out, (size_t)n, 1);
        return;
    }
    const char *payload = memmem(message, length, "\"payload\":", 10);
    if (!payload || action.begin[0] != 'B') return;
    payload += 10;
    int size = (int)(message + length - payload) - 1;
    bool echo = event.length == 4 && memcmp(event.begin, "echo", 4) == 0;
    int n = snprintf(out, sizeof out, "{\"action\":\"%s\",\"event\":\"%.*s\",\"channelName\":\"%.*s\",\"requestId\":\"%.*s\",\"payload\":%.*s}",
                     echo ? "SYSTEM" : "BROADCAST", (int)event.length, event.begin, (int)channel.length, channel.begin,
                     (int)request.length, request.begin, size, payload);
    if (echo) uws_ws_send(0, ws, out, (size_t)n, 1);
    else uws_publish(0, app, channel.begin, channel.length, out, (size_t)n, 1, false);
}

static void closed(uws_websocket_t *ws, int code, const char *message, size_t length, void *user) {
    (void)ws; (void)code; (void)message; (void)length; (void)user;
}

static void listening(void *socket, uws_app_listen_config_t config, void *user) {
    (void)user;
    if (!socket) { fprintf(stderr, "uws-peer: port %d is taken\n", config.port); exit(1); }
    printf("uws-peer listens on 127.0.0.1:%d\n", config.port);
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct us_socket_context_options_t none = {0};
    app = uws_create_app(0, none);
    uws_socket_behavior_t behavior = {
        .max_payload_length = 1 << 20, .idle_timeout = 120, .max_backpressure = 1 << 24,
        .send_pings_automatically = true, .open = opened, .message = received, .close = closed,
    };
    uws_ws(0, app, "/*", behavior, NULL);
    uws_app_listen_config_t config = {.port = argc > 1 ? atoi(argv[1]) : 9001, .host = "127.0.0.1"};
    uws_app_listen_with_config(0, app, config, listening, NULL);
    uws_app_run(0, app);
    return 0;
}
