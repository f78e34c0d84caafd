/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_UTF8_H
#define VEXFS_AGENT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Length of the well-formed sequence at p (1..4), 0 when there is none within n bytes. */
size_t utf8_length(const char *p, size_t n);

/* Write code point c at dst (room for 4 bytes), return the number of bytes. */
size_t utf8_encode(uint32_t c, char *dst);

#endif
