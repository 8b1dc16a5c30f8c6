#include "CTerminal.h"
#include <malloc.h>

void ct_heap_be_frugal(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, 0);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
}
