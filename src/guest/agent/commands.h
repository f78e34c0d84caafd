/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VEXFS_AGENT_COMMANDS_H
#define VEXFS_AGENT_COMMANDS_H

#include "job.h"
#include "request.h"

/* One line from the host, NULL if it was too long: it is answered, now or later. */
void command_line(char *line, size_t len);

const char *command_epoch(void);

/* Of the machine, read once at start. */
void identity_init(void);
const char *identity_boot_id(void); /* "" if unknown */
void member_identity(struct buf *b);

/*
 * For handlers: if all members were good start a child with the request's timeoutMs, else answer that
 * they were not.
 */
void run_command(struct request *r, const struct job_spec *spec);
void run_builtin(struct request *r, int (*run)(void *arg), void *arg);

void cmd_info(struct request *r);
void cmd_load(struct request *r);
void cmd_unload(struct request *r);
void cmd_mount(struct request *r);
void cmd_umount(struct request *r);
void cmd_exec(struct request *r);
void cmd_start(struct request *r);
void cmd_stop(struct request *r);
void cmd_list(struct request *r);
void cmd_kill(struct request *r);
void cmd_read(struct request *r);
void cmd_write(struct request *r);
void cmd_put(struct request *r);
void cmd_fault(struct request *r);
void cmd_sysctl(struct request *r);
void cmd_sync(struct request *r);
void cmd_sysrq(struct request *r);
void cmd_reboot(struct request *r);
void cmd_poweroff(struct request *r);

/* In children: make the directories above path (and path itself if `last`). 0 or -1 with errno set. */
int make_dirs(const char *path, bool last);

#endif
