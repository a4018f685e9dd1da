#define _GNU_SOURCE
#include "counters.h"

#if defined(__linux__) && defined(__GLIBC__)

#include <errno.h>
#include <linux/perf_event.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The program's own malloc replaces that of the C library, which is still available under this name.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic int64_t allocations;

static void count(void) { atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed); }

void *malloc(size_t size) { count(); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count(); return __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { count(); return __libc_realloc(p, size); }
void *memalign(size_t alignment, size_t size) { count(); return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { count(); return __libc_memalign(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size) {
    count();
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

int64_t counters_allocations(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }

static int instructions = -1;

int counters_start_instructions(void) {
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.type = PERF_TYPE_HARDWARE;
    attr.size = sizeof attr;
    attr.config = PERF_COUNT_HW_INSTRUCTIONS;
    attr.exclude_kernel = 1;
    attr.exclude_hv = 1;
    instructions = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
    return instructions >= 0;
}

int64_t counters_instructions(void) {
    int64_t value = 0;
    if (instructions < 0 || read(instructions, &value, sizeof value) != sizeof value) return -1;
    return value;
}

#else

int64_t counters_allocations(void) { return -1; }
int counters_start_instructions(void) { return 0; }
int64_t counters_instructions(void) { return -1; }

#endif
