/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_PORTS_H
#define VEXFS_AGENT_PORTS_H

#include <limits.h>
#include <stdbool.h>

bool port_name_ok(const char *name);

/* Device of the virtio port of that name; the /dev/virtio-ports link if there is one. */
const char *port_device(char dst[PATH_MAX], const char *name);

/* Descriptor for children to write to, kept open and shared by all of them; -1 with errno set. */
int port_for_writing(const char *name);

#endif
