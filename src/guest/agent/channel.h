/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_CHANNEL_H
#define VEXFS_AGENT_CHANNEL_H

#include "buf.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_LIMIT (1u << 20)
#define CHANNEL_RETRY_MS 100

/* The line may be changed in place; NULL stands for one that was too long. */
typedef void (*line_fn)(char *line, size_t len);
/* Write the greeting into b; called each time a host may be there anew. */
typedef void (*greet_fn)(struct buf *b);

/* path: virtio port, tty, Unix socket, or "-" for standard input and output. */
void channel_init(const char *path, line_fn on_line, greet_fn greet);

int channel_fill_poll(struct pollfd *p); /* at most 2 */
void channel_handle(const struct pollfd *p, int n, int64_t now);
void channel_flush(int64_t now);
int64_t channel_deadline(void); /* of the next try to connect, INT64_MAX if connected */
bool channel_up(void);
bool channel_ended(void);       /* standard input or output is at its end */

#endif
