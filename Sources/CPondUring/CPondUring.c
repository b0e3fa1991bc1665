#include "CPondUring.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

struct pond_uring {
    struct io_uring ring;
};

struct pond_uring *pond_uring_open(unsigned entries, int *error) {
    struct pond_uring *opened = malloc(sizeof *opened);
    if (!opened) {
        *error = ENOMEM;
        return 0;
    }
    // One thread submits and reaps: newer kernels save work when told so.
    int result = io_uring_queue_init(entries, &opened->ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (result == -EINVAL) result = io_uring_queue_init(entries, &opened->ring, 0);
    if (result == 0) {
        struct io_uring_probe *probe = io_uring_get_probe_ring(&opened->ring);
        int supported = probe && io_uring_opcode_supported(probe, IORING_OP_SEND) &&
                        io_uring_opcode_supported(probe, IORING_OP_SENDMSG);
        io_uring_free_probe(probe);
        if (supported) return opened;
        io_uring_queue_exit(&opened->ring);
        result = -ENOSYS;
    }
    free(opened);
    *error = -result;
    return 0;
}

void pond_uring_close(struct pond_uring *ring) {
    io_uring_queue_exit(&ring->ring);
    free(ring);
}

int pond_uring_send(struct pond_uring *ring, int fd, const void *bytes, size_t count, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->ring);
    if (!entry) return 0;
    io_uring_prep_send(entry, fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    io_uring_sqe_set_data64(entry, data);
    return 1;
}

int pond_uring_sendmsg(struct pond_uring *ring, int fd, const struct msghdr *message, uint64_t data) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->ring);
    if (!entry) return 0;
    io_uring_prep_sendmsg(entry, fd, message, MSG_NOSIGNAL | MSG_DONTWAIT);
    io_uring_sqe_set_data64(entry, data);
    return 1;
}

int pond_uring_submit(struct pond_uring *ring, unsigned wait_for) {
    int result;
    do {
        result = io_uring_submit_and_wait(&ring->ring, wait_for);
    } while (result == -EINTR);
    return result;
}

unsigned pond_uring_unsubmitted(struct pond_uring *ring) { return io_uring_sq_ready(&ring->ring); }

int pond_uring_next(struct pond_uring *ring, uint64_t *data, int *result) {
    struct io_uring_cqe *entry = 0;
    if (io_uring_peek_cqe(&ring->ring, &entry) != 0 || !entry) return 0;
    *data = io_uring_cqe_get_data64(entry);
    *result = entry->res;
    io_uring_cqe_seen(&ring->ring, entry);
    return 1;
}
