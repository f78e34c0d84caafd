/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vexcheck: checks of a mounted filesystem against models of what it has to do.
 *
 * What all checks share. A check runs in a fresh folder, which is its current
 * directory, takes everything it does from a seed and says what was wrong.
 */
#ifndef VEXCHECK_H
#define VEXCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

enum { EXIT_RIGHT = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_CANNOT = 4 };

#define MAX_WORKERS	64
#define MAX_WRONG	20	/* that many are told, then a check ends */
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* What was asked for on the command line. */
struct options {
	const char *check;
	const char *dir;
	const char *journal;
	const char *file;	/* a sequence of calls */
	uint64_t seed;
	uint64_t ops;		/* 0: no limit */
	double seconds;		/* 0: no limit */
	uint64_t size;		/* 0: not given */
	int workers;
	uint64_t slow;		/* percent by which calls are drawn out */
	bool progress;
	bool print;
};

extern struct options opt;

/* One check. What it cannot do on this filesystem it says by cannot(). */
struct check {
	const char *name, *domain, *about, *needs;
	int (*run)(void);
	uint64_t ops;		/* without --ops and --seconds */
	int workers;		/* without --workers; 0: takes none */
	/* A fixed name between two runs: one fills it, the other removes it when all is right. */
	enum { FOLDER_FRESH, FOLDER_FILL, FOLDER_LOOK } folder;
};

int check_files(void);
int check_names(void);
int check_attributes(void);
int check_permissions(void);
int check_space(void);
int check_handles(void);
int check_threads(void);
int check_sync_write(void);
int check_sync_verify(void);
int check_vectors(void);
int check_calls(void);
int check_interrupts(void);
int check_speed(void);

/* The sequence of opt.file. */
int check_replay(void);
/* Prints the sequence of a seed. */
int calls_command(void);
int pressure_command(int argc, char **argv);

/* vexcheck-base.c: random numbers, time, how long a check goes on */
struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n);
bool rng_one_in(struct rng *r, unsigned int n);
void rng_fill(struct rng *r, void *buf, size_t len);
/* A stream of its own for each number, from the seed of the run. */
struct rng rng_stream(uint64_t number);

uint64_t now_ns(void);
uint64_t hash_bytes(const void *buf, size_t len);
/* An operation begins; false when the check is to end. */
bool going(void);
/* The same without beginning one. */
bool may_go_on(void);
void stop_on_signals(void);

/* What the processes of a check share. */
struct totals {
	uint64_t ops, wrong, full, digest;
	int stop;
	uint64_t started, told;
};

extern struct totals *totals;
void totals_open(void);
/* What happened, for the comparison of two runs of a seed. */
void digest(uint64_t value);
void *shared_memory(size_t bytes);

/* vexcheck-report.c: what is written to standard output */
__attribute__((format(printf, 1, 2))) const char *text(const char *fmt, ...);
/* How many bytes of a JSON string were put into @to. */
size_t json_string(char *to, size_t room, const char *from);
/* Prints one line, and takes the caller to its end. */
__attribute__((format(printf, 1, 2))) int cannot(const char *fmt, ...);
void wrong(const char *what, const char *expected, const char *got);
/* A call that should have succeeded gave -errno; false: for lack of space, which is no fault. */
bool failed(const char *call, long result);
const char *errno_name(long negative);
void print_progress(void);
int print_result(bool stopped);

/* vexcheck-latency.c */
enum op {
	OP_OPEN, OP_CREATE, OP_READ, OP_WRITE, OP_FSYNC, OP_TRUNCATE, OP_FALLOCATE,
	OP_MMAP, OP_STAT, OP_READDIR, OP_UNLINK, OP_RENAME, OP_LINK, OP_SYMLINK,
	OP_MKDIR, OP_RMDIR, OP_MKNOD, OP_SETATTR, OP_GETXATTR, OP_SETXATTR, OP_STATFS,
	OP_LOCK, OP_VECTOR_ADD, OP_VECTOR_SEARCH, OP_VECTOR_STATS, OPS
};

void latencies_open(void);
void took(enum op op, uint64_t since);
/* The members of an object, one for each operation that happened. */
size_t latencies_print(char *to, size_t room);

/* vexcheck-lie.c: calls that do not tell the truth, for tests of the checks */
#define LIES(X) \
	X(READ_FLIP, "read-flip") X(READ_SHORT, "read-short") \
	X(WRITE_DROP, "write-drop") X(WRITE_HALF, "write-half") \
	X(APPEND_FRONT, "append-front") X(TRUNCATE_DROP, "truncate-drop") \
	X(ERRNO, "errno") X(SUCCESS, "success") X(STAT_SIZE, "stat-size") \
	X(STAT_TIME, "stat-time") X(STAT_LINKS, "stat-links") X(STAT_INODE, "stat-inode") \
	X(STAT_TYPE, "stat-type") X(STAT_MODE, "stat-mode") X(NAME_LOSE, "name-lose") \
	X(NAME_TWICE, "name-twice") X(RENAME_DROP, "rename-drop") X(UNLINK_DROP, "unlink-drop") \
	X(XATTR_FLIP, "xattr-flip") X(XATTR_LOSE, "xattr-lose") X(SETATTR_DROP, "setattr-drop") \
	X(ALLOW, "allow") X(REFUSE, "refuse") X(SPACE_EIO, "space-eio") \
	X(SPACE_LEAK, "space-leak") X(LOCK_GRANT, "lock-grant") X(LOCK_REFUSE, "lock-refuse") \
	X(MAP_FLIP, "map-flip") X(SYNC_DROP, "sync-drop") X(HITS_SWAP, "hits-swap") \
	X(HIT_SCORE, "hit-score") X(HIT_LOSE, "hit-lose") X(VECTOR_ID, "vector-id") \
	X(VECTOR_DROP, "vector-drop") X(VECTOR_COUNT, "vector-count") X(DIE, "die")
#define LIE_ENUM(name, word) LIE_##name,
enum lie { LIE_NONE, LIES(LIE_ENUM) };

bool lie_choose(const char *word);
/* Is this the moment to lie that way? */
bool lie(enum lie kind);

/* vexcheck-folder.c */
/* @empty: what is in it is removed. */
int folder_enter(const char *name, bool empty);
/* Everything below the open directory. 0 or -errno. */
int remove_below(int dirfd);
int folder_leave(void);
/* The folder and what it is in, for those who have to name them. */
const char *folder_path(void);

/* vexcheck-traits.c: what this filesystem can do, found out by trying */
struct traits {
	uint64_t magic;
	bool fuse;
	bool memory;		/* its space is exact: vexfs, tmpfs */
	bool links, symlinks, same_inode, dir_links, fifos, odd_names;
	bool rename_flags, xattrs, vectors, sparse;
	uint64_t time_unit;	/* nanoseconds */
	size_t name_max;
};

extern struct traits traits;
int traits_find(void);

/* A moment before a change, and whether the change was stamped later. */
struct moment {
	struct timespec at;
	int64_t offset;
};

struct moment moment_now(void);
bool stamped_since(const struct moment *m, const struct timespec *stamp);

#endif
