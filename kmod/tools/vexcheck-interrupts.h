/* SPDX-License-Identifier: GPL-2.0 */
/* Calls under signals. */
#ifndef VEXCHECK_INTERRUPTS_H
#define VEXCHECK_INTERRUPTS_H

#include "vexcheck.h"

/* SIGALRM again and again, without SA_RESTART, until it is stopped. */
void alarms_start(struct rng *r);
void alarms_stop(void);

/* vexcheck-interrupts-kill.c: a worker is killed while it writes */
void kill_writer(struct rng *r);
void kill_adder(struct rng *r);

/* vexcheck-interrupts-wait.c: calls that would wait for ever */
void wait_for_lock(struct rng *r);
void wait_for_fifo(struct rng *r);

#endif
