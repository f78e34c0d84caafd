/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequences of calls with arguments that are right, at the border or hostile.
 * As text, a call is a line: process, name, arguments, each with its kind.
 *
 *	0 openat to:3 path:d/a n:2114 n:384
 *	1 pwrite64 slot:3 mem:good n:4096 n:-1
 *
 * Empty lines and those that begin with # are skipped. A line that is left out
 * leaves the others as they are: a descriptor that was not opened is -1.
 */
#ifndef VEXCHECK_CALLS_H
#define VEXCHECK_CALLS_H

#include <stdio.h>

#include "vexcheck.h"

#define CALL_ARGS	6
#define CALL_SLOTS	6
#define CALL_PROCESSES	16
#define CALL_MOST	100000	/* of a sequence */

/* One argument. Letters of kinds are those of a row's shape. */
struct call_arg {
	char kind;
	int64_t value;		/* a number, or an index of the kind's table */
};

struct call {
	uint8_t process;
	const struct call_kind *what;
	struct call_arg args[CALL_ARGS];
};

/* What is no call of the kernel's by itself. */
enum { CALL_TOUCH = -1, CALL_VECTOR_ADD = -2, CALL_VECTOR_SEARCH = -3, CALL_VECTOR_STATS = -4 };

/*
 * One kind of call. Letters of a shape: T slot of the result; F slot or a bad
 * descriptor; P path; X name of an attribute; M memory; I an array of iovecs;
 * L length; O offset; m mode; v, w, x one of the row's values. Those that stand
 * in no sequence: C AT_FDCWD, Z zero.
 */
struct call_kind {
	const char *name, *shape;
	long number;		/* SYS_*, or CALL_* */
	const int64_t *values[3];
	int errors[14];		/* beside those that any such call may give */
};

extern const struct call_kind call_kinds[];
extern const size_t call_kind_count;

extern const char * const call_paths[];
extern const char * const call_names[];
extern const char * const call_memories[];
enum { PATH_NULL, PATH_BAD, PATH_EMPTY, PATH_LONG, PATH_NAME, PATH_FIRST };
enum { MEM_GOOD, MEM_NULL, MEM_BAD, MEM_EDGE, MEM_READONLY };
size_t call_table_size(char kind);
/* Of a number: what is drawn from for its kind. */
const int64_t *call_values(const struct call_kind *what, char kind);
#define LAST_VALUE	INT64_MIN

/* vexcheck-calls-make.c */
struct call *calls_make(uint64_t seed, size_t count, int processes);

/* vexcheck-calls-text.c */
const char *call_text(const struct call *call);
/* The line is cut to pieces. False: it is no call. */
bool call_read(char *line, struct call *call);
void calls_print(FILE *to, const struct call *calls, size_t count);
/* NULL and a message on standard error where a line is none. */
struct call *calls_read(FILE *from, size_t *count);

/* vexcheck-calls-run.c: all in their processes, in the current directory */
void calls_run(const struct call *calls, size_t count, const char *whose);

/* vexcheck-calls-left.c: a directory and all below it */
void calls_left(const char *path, int depth, const char *whose);

#endif
