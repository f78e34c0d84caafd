/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that a check starts and waits for. */
#ifndef VEXCHECK_WORKERS_H
#define VEXCHECK_WORKERS_H

#include "vexcheck.h"

/* Runs @work in @count processes, numbered from 0, until all have ended. False: one was killed. */
bool workers_run(int count, void (*work)(int worker, void *data), void *data);
/* One process; it ends with its parent. -1: none. */
pid_t worker_start(int worker, void (*work)(int worker, void *data), void *data);
/* Its status. */
int worker_wait(pid_t pid);

#endif
