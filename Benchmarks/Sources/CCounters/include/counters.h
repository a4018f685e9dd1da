#pragma once
#include <stdint.h>

/// Returns the number of allocations of this process so far; -1 if they cannot be counted.
int64_t counters_allocations(void);

/// Starts to count this thread's instructions. Returns 0 if the machine does not support it.
int counters_start_instructions(void);

/// Returns the number of instructions since counters_start_instructions.
int64_t counters_instructions(void);
