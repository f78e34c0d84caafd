/* SPDX-License-Identifier: GPL-2.0 */
/* fsck.vexfs: problems, how they are told, and who may mend them. */
#ifndef FSCK_PROBLEM_H
#define FSCK_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum kind {
	SUPER_PRIMARY,
	SUPER_BACKUP,
	SUPER_DIFFER,
	SUPER_BAD,
	TORN_COMMIT,
	LOG_CHECKSUM,
	LOG_EMPTY,
	BAD_RECORD,
	NO_ROOT,
	NAME_WITHOUT_INODE,
	SECOND_NAME,
	UNREACHABLE,
	LINK_COUNT,
	KINDS,
};

enum mend {
	NOTE,		/* no problem: what a mount would do as well */
	SAFE,		/* nothing is lost by it: -p and -y */
	LOSSY,		/* something is: -y */
	NEVER,
};

static const struct {
	const char *name;
	enum mend mend;
} kinds[KINDS] = {
	[SUPER_PRIMARY] = { "super-primary", SAFE },
	[SUPER_BACKUP] = { "super-backup", SAFE },
	[SUPER_DIFFER] = { "super-differ", SAFE },
	[SUPER_BAD] = { "super-bad", NEVER },
	[TORN_COMMIT] = { "torn-commit", NOTE },
	[LOG_CHECKSUM] = { "log-checksum", LOSSY },
	[LOG_EMPTY] = { "log-empty", NEVER },
	[BAD_RECORD] = { "bad-record", LOSSY },
	[NO_ROOT] = { "no-root", NEVER },
	[NAME_WITHOUT_INODE] = { "name-without-inode", LOSSY },
	[SECOND_NAME] = { "second-name", LOSSY },
	[UNREACHABLE] = { "unreachable", LOSSY },
	[LINK_COUNT] = { "link-count", SAFE },
};

/* More are counted, not told. */
#define PROBLEMS_TOLD	10000

struct told {
	enum kind kind;
	uint64_t ino, offset;
	char text[96];
};

/* What was asked for, and what was found. */
static struct {
	const char *path;
	enum mend upto;		/* NOTE: nothing is written */
	bool json;
	struct told *told;
	size_t count;
	uint64_t fixable, left;
} fsck;

static bool may_mend(enum kind kind)
{
	return fsck.upto != NOTE && kinds[kind].mend <= fsck.upto;
}

/* Returns whether it will be mended, if nothing is found that is not. */
static bool problem(enum kind kind, uint64_t ino, uint64_t offset, const char *text)
{
	bool mend = may_mend(kind);

	if (mend)
		fsck.fixable++;
	else if (kinds[kind].mend != NOTE)
		fsck.left++;
	if (fsck.count % 64 == 0 && fsck.count < PROBLEMS_TOLD) {
		void *more = realloc(fsck.told, (fsck.count + 64) * sizeof(*fsck.told));

		if (!more)
			return mend;
		fsck.told = more;
	}
	if (fsck.count < PROBLEMS_TOLD) {
		struct told *t = &fsck.told[fsck.count++];

		t->kind = kind;
		t->ino = ino;
		t->offset = offset;
		snprintf(t->text, sizeof(t->text), "%s", text);
	}
	return mend;
}

/* Superblocks are mended for themselves, the rest as a whole or not at all. */
static bool is_mended(enum kind kind)
{
	return may_mend(kind) && (kind <= SUPER_DIFFER || !fsck.left);
}

/* One line each. The texts are ours: JSON minds none of their characters. */
static void tell(void)
{
	for (size_t i = 0; i < fsck.count; i++) {
		const struct told *t = &fsck.told[i];
		const char *state = is_mended(t->kind) ? "fixed" :
				    kinds[t->kind].mend == NOTE ? "noted" : "left";

		if (fsck.json) {
			printf("{\"problem\":\"%s\",\"state\":\"%s\"", kinds[t->kind].name, state);
			if (t->ino)
				printf(",\"ino\":%llu", (unsigned long long)t->ino);
			if (t->offset)
				printf(",\"offset\":%llu", (unsigned long long)t->offset);
			printf(",\"text\":\"%s\"}\n", t->text);
			continue;
		}
		printf("%s: %s: ", fsck.path, kinds[t->kind].name);
		if (t->ino)
			printf("inode %llu: ", (unsigned long long)t->ino);
		printf("%s", t->text);
		if (t->offset)
			printf(" at offset %llu", (unsigned long long)t->offset);
		printf(" (%s)\n", state);
	}
}

#endif /* FSCK_PROBLEM_H */
