#include "CPondSys.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sys/timerfd.h>

int pond_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

static const int end_signals[] = {SIGTERM, SIGINT};
static struct sigaction earlier[2];
static volatile sig_atomic_t end_descriptor = -1;

static void end_signal(int signal) {
    (void)signal;
    int code = errno;
    char byte = 1;
    // A full pipe holds a byte already.
    if (write(end_descriptor, &byte, 1) < 0) errno = code;
    errno = code;
}

void pond_end_signals_begin(int fd) {
    end_descriptor = fd;
    for (int i = 0; i < 2; i++) {
        struct sigaction action = {0};
        action.sa_handler = end_signal;
        action.sa_flags = SA_RESTART;
        sigaction(end_signals[i], 0, &earlier[i]);
        if (earlier[i].sa_handler != SIG_IGN) sigaction(end_signals[i], &action, 0);
    }
}

void pond_end_signals_end(void) {
    for (int i = 0; i < 2; i++) sigaction(end_signals[i], &earlier[i], 0);
}

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

int pond_route_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) return -1;
    struct sockaddr_nl address = {0};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

int pond_arm_wake_timer(int fd) {
    // The year 2100: the timer is there to be cancelled by a jump of the clock.
    struct itimerspec far = {.it_value = {.tv_sec = 4102444800}};
    // The first call after a jump may report the jump itself.
    for (int tries = 0; tries < 3; tries++) {
        if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, 0) == 0) return 0;
        if (errno != ECANCELED) return -1;
    }
    return -1;
}

int pond_wake_timer(void) {
    int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) return -1;
    if (pond_arm_wake_timer(fd) == 0) return fd;
    close(fd);
    return -1;
}
