/* Messages between the processes of a job, numbered from 0: the plain system calls.
 *
 * A send never waits for the receiver. Two messages from one process to another may overtake each
 * other: who needs an order asks for a tag, or puts a number into the message. Where the kernel
 * knows no messages a process is alone: rank 0 of 1. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANY_PROCESS = -1, ANY_TAG = -1 };

/* Where a message came from, as the kernel stores it. */
struct envelope {
  int32_t from;
  int32_t tag;
  uint32_t bytes;
};

/* The rank of this process and how many there are. */
uint32_t message_rank(void);
uint32_t message_size(void);

/* Sends a copy of the bytes; `tag` is 0 or more. What cannot be sent ends the process. */
void message_send(uint32_t to, uint32_t tag, const void *bytes, size_t count);

/* Waits for a message from a process, or from any, with a tag, or with any, takes it and says
 * where it came from. One that is longer than `most` ends the process. */
struct envelope message_receive(int32_t from, int32_t tag, void *bytes, size_t most);

/* The same for a message of exactly `count` bytes; any other ends the process. */
struct envelope message_receive_whole(int32_t from, int32_t tag, void *bytes, size_t count);

/* Takes such a message if one is there. */
bool message_poll(int32_t from, int32_t tag, void *bytes, size_t most, struct envelope *envelope);

/* Makes a number known under a name, for whoever watches the process. */
void message_publish(const char *name, int64_t value);

#endif
