// liburing: the batched sender's submission queue. Behind a pointer, because the ring's struct is large and must not move.
#ifndef POND_URING_H
#define POND_URING_H

#include <stdint.h>
#include <sys/socket.h>

struct pond_uring;

// A ring for this thread, or NULL with *error set where the kernel or a sandbox refuses.
struct pond_uring *pond_uring_open(unsigned entries, int *error);
void pond_uring_close(struct pond_uring *ring);

// Adds a send (or a sendmsg); 0 when the queue is full.
int pond_uring_send(struct pond_uring *ring, int fd, const void *bytes, size_t count, uint64_t data);
int pond_uring_sendmsg(struct pond_uring *ring, int fd, const struct msghdr *message, uint64_t data);

// Submits what was added and waits until as many are done; the number submitted or a negative errno.
int pond_uring_submit(struct pond_uring *ring, unsigned wait_for);
// How many of what was added the kernel has not taken; it takes them in the order they were added.
unsigned pond_uring_unsubmitted(struct pond_uring *ring);
// Takes the next result; 0 when there is none.
int pond_uring_next(struct pond_uring *ring, uint64_t *data, int *result);

#endif
