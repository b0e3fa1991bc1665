// liburing: the batched sender's submission queue.
#ifndef POND_URING_H
#define POND_URING_H

#include <liburing.h>

#endif
