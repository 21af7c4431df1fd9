/* Memory from the kernel, for good: nothing is ever given back.
 *
 * Areas start on a page of their own and are zero, so that the pages a checkpointer sees written
 * are those the program wrote, in every run. What cannot be had ends the process. */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

enum { PAGE_SIZE = 4096 };

/* The next area of the heap proper, which grows by brk. */
void *heap_take(size_t bytes);

/* A mapping of its own, by mmap2. */
void *heap_map(size_t pages);

#endif
