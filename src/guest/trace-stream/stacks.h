/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STACKS_H
#define STACKS_H

#include <stddef.h>
#include <stdint.h>

/* Hands out each return address of the stacks in a page of the ring buffer, which is `size` bytes long. */
void stacks_of_page(const char *page, size_t size, uint16_t stack_id, void (*address)(uint64_t));

#endif
