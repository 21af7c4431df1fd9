/* Input: bytes from standard input as they come. */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>

/* Waits for some bytes, up to `most`, and returns how many came: 0 at the end of the file. */
size_t input_read(char *bytes, size_t most);

#endif
