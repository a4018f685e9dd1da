#pragma once
#include <stdint.h>

/// How many allocations this process has made; -1 where they cannot be counted.
int64_t counters_allocations(void);

/// Begins to count this thread's instructions. Returns 0 where the machine does not offer that.
int counters_start_instructions(void);

/// Instructions since counters_start_instructions.
int64_t counters_instructions(void);
