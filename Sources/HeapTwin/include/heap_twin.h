// The event queue as a C++ programmer would write it first: the measure for Fathom's own.

#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Pending events in a std::priority_queue, ordered by time, then by order of push.
typedef struct heap_twin heap_twin;

heap_twin *heap_twin_create(void);
void heap_twin_destroy(heap_twin *queue);

void heap_twin_push(heap_twin *queue, int64_t time, uint32_t id);

// Holds `operations` times: pops the earliest event and pushes it again, later by the next of
// the increments, of which there are mask + 1 (a power of two). Goes through them from where the
// last call stopped. Returns a checksum of the identities in the order popped.
uint64_t heap_twin_hold(heap_twin *queue, const int64_t *increments, size_t mask,
                        size_t operations);

#ifdef __cplusplus
}
#endif
