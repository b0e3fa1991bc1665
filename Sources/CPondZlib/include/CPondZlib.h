// zlib: deflateInit2 and inflateInit2 are macros.
#ifndef POND_ZLIB_H
#define POND_ZLIB_H

#include <zlib.h>

static inline int pond_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int pond_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
