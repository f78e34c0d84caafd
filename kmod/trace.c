// SPDX-License-Identifier: GPL-2.0
/* The bodies of the trace events. */
#include <linux/module.h>

#define CREATE_TRACE_POINTS
#include "vexfs_trace.h"
