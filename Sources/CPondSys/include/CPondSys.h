// System calls and constants that Swift's Glibc module does not import.
#ifndef POND_SYS_H
#define POND_SYS_H

// No _GNU_SOURCE here: it would make this module's system types differ from the other modules'. What needs it is in
// CPondSys.c.
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

static inline uint64_t pond_epoll_data(const struct epoll_event *event) { return event->data.u64; }

static inline struct epoll_event pond_epoll_event(uint32_t events, uint64_t data) {
    struct epoll_event event;
    event.events = events;
    event.data.u64 = data;
    return event;
}

// send without SIGPIPE: the bytes taken, or a negative errno. Not the C library's, which makes each call a point where the
// thread can be cancelled, and nobody cancels threads here.
static inline ssize_t pond_send(int fd, const void *bytes, size_t count) {
#if defined(__x86_64__) && defined(__linux__)
    ssize_t result;
    register long flags __asm__("r10") = MSG_NOSIGNAL;
    register const void *address __asm__("r8") = 0;
    register long length __asm__("r9") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(44L), "D"((long)fd), "S"(bytes), "d"(count), "r"(flags), "r"(address), "r"(length)
                     : "rcx", "r11", "memory");
    return result;
#else
    ssize_t result = send(fd, bytes, count, MSG_NOSIGNAL);
    return result < 0 ? -errno : result;
#endif
}

// As recv, the same way; the bytes read or a negative errno.
static inline ssize_t pond_receive(int fd, void *bytes, size_t count) {
#if defined(__x86_64__) && defined(__linux__)
    ssize_t result;
    register long flags __asm__("r10") = 0;
    register void *address __asm__("r8") = 0;
    register void *length __asm__("r9") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(45L), "D"((long)fd), "S"(bytes), "d"(count), "r"(flags), "r"(address), "r"(length)
                     : "rcx", "r11", "memory");
    return result;
#else
    ssize_t result = recv(fd, bytes, count, 0);
    return result < 0 ? -errno : result;
#endif
}

// accept4, non-blocking and closed on exec.
int pond_accept(int fd, struct sockaddr *address, socklen_t *length);

// A pipe whose ends do not wait and are closed on exec: 0, or -1 with errno.
int pond_pipe(int ends[2]);

// From now on SIGTERM and SIGINT write a byte to this descriptor, except for those that the process ignores.
void pond_end_signals_begin(int fd);

// Gives SIGTERM and SIGINT the handlers back that they had before.
void pond_end_signals_end(void);

// Names the calling thread and keeps away from it the signals that programs wait for.
void pond_prepare_thread(const char *name);

// A socket that receives the kernel's messages about interfaces and routes; -1 where a sandbox refuses.
int pond_route_socket(void);

// A timer that becomes readable when the real-time clock jumps, as it does after a suspend; -1 where the kernel refuses.
int pond_wake_timer(void);
// Arms that timer again; 0, or -1 where the kernel refuses.
int pond_arm_wake_timer(int fd);

#endif
