// SPDX-License-Identifier: Apache-2.0
/* The table of children and what is asked of it. */
#include "job.h"

#include <string.h>

static struct job jobs[JOBS_MAX];

bool jobs_init(void)
{
	struct child_report *reports = child_reports_alloc(JOBS_MAX);

	for (int i = 0; reports && i < JOBS_MAX; i++)
		jobs[i].report = &reports[i];
	return reports != NULL;
}

struct job *job_find_free(void)
{
	for (struct job *j = jobs; j < jobs + JOBS_MAX; j++)
		if (j->state == JOB_FREE)
			return j;
	return NULL;
}

struct job *job_by_name(const char *name)
{
	for (struct job *j = job_next(NULL); j; j = job_next(j))
		if (j->state != JOB_ABANDONED && j->kind == JOB_PROGRAM && strcmp(j->name, name) == 0)
			return j;
	return NULL;
}

struct job *job_by_pid(pid_t pid)
{
	for (struct job *j = job_next(NULL); j; j = job_next(j))
		if (j->pid == pid)
			return j;
	return NULL;
}

struct job *job_next(const struct job *prev)
{
	for (struct job *j = prev ? jobs + (prev - jobs) + 1 : jobs; j < jobs + JOBS_MAX; j++)
		if (j->state != JOB_FREE)
			return j;
	return NULL;
}

int64_t jobs_deadline(void)
{
	int64_t first = INT64_MAX;

	for (const struct job *j = job_next(NULL); j; j = job_next(j))
		if (j->deadline && j->deadline < first)
			first = j->deadline;
	return first;
}

void jobs_postpone(int64_t ms)
{
	for (struct job *j = job_next(NULL); j; j = job_next(j))
		if (j->deadline)
			j->deadline += ms;
}

int jobs_abandoned(void)
{
	int n = 0;

	for (const struct job *j = job_next(NULL); j; j = job_next(j))
		n += j->state == JOB_ABANDONED;
	return n;
}

bool jobs_commands_running(void)
{
	for (const struct job *j = job_next(NULL); j; j = job_next(j))
		if (j->kind == JOB_COMMAND && j->state != JOB_ABANDONED)
			return true;
	return false;
}
