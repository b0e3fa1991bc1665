// The allocator of the C library: how much it has given out, and giving back what is unused.
#ifndef POND_HEAP_H
#define POND_HEAP_H

#include <malloc.h>

static inline size_t pond_heap_used(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static inline void pond_heap_trim(void) { malloc_trim(0); }

#endif
