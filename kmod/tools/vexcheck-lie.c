// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that do not tell the truth, for tests: a check that finds nothing wrong
 * with a filesystem that lies would find nothing wrong with one that fails.
 */
#include <string.h>

#include "vexcheck.h"

static enum lie chosen;

bool lie_choose(const char *word)
{
#define LIE_WORD(name, word) [LIE_##name] = word,
	static const char * const words[] = { LIES(LIE_WORD) };

	for (unsigned int i = 1; i < COUNT(words); i++)
		if (!strcmp(words[i], word))
			chosen = i;
	return chosen != LIE_NONE;
}

/* One in four, so that it does not always meet the first call. */
bool lie(enum lie kind)
{
	static struct rng r;

	if (kind != chosen)
		return false;
	if (!r.state)
		r = rng_stream(0x11e);
	return rng_one_in(&r, 4);
}
