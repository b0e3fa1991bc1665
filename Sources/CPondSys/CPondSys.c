#include "CPondSys.h"

#include <pthread.h>

void pond_prepare_thread(const char *name) {
    char shortened[16];
    int i = 0;
    for (; i < 15 && name[i]; i++) shortened[i] = name[i];
    shortened[i] = 0;
    pthread_setname_np(pthread_self(), shortened);
    // The signals that programs wait for; what the crash handler uses stays unblocked.
    static const int kept[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1,
                               SIGUSR2, SIGCHLD, SIGWINCH, SIGTSTP, SIGCONT};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (unsigned k = 0; k < sizeof kept / sizeof *kept; k++) sigaddset(&blocked, kept[k]);
    pthread_sigmask(SIG_BLOCK, &blocked, 0);
}

int pond_accept(int fd, struct sockaddr *address, socklen_t *length) {
    return accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
