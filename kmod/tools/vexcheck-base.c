// SPDX-License-Identifier: GPL-2.0
/* Random numbers, time, and how long a check goes on. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "vexcheck.h"

struct totals *totals;

uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;	/* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	return n ? rng_next(r) % n : 0;
}

bool rng_one_in(struct rng *r, unsigned int n)
{
	return !rng_below(r, n);
}

void rng_fill(struct rng *r, void *buf, size_t len)
{
	uint8_t *at = buf;

	for (; len >= 8; len -= 8, at += 8) {
		uint64_t v = rng_next(r);

		__builtin_memcpy(at, &v, 8);
	}
	while (len--)
		*at++ = rng_next(r) >> 56;
}

struct rng rng_stream(uint64_t number)
{
	struct rng r = { opt.seed };

	r.state = rng_next(&r) ^ number * 0xd6e8feb86659fd93ULL;
	return r;
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* FNV-1a, by words: it tells contents apart, nobody attacks it. */
uint64_t hash_bytes(const void *buf, size_t len)
{
	const uint8_t *at = buf;
	uint64_t h = 0xcbf29ce484222325ULL ^ len;

	for (; len >= 8; len -= 8, at += 8) {
		uint64_t v;

		__builtin_memcpy(&v, at, 8);
		h = (h ^ v) * 0x100000001b3ULL;
		h ^= h >> 29;
	}
	while (len--)
		h = (h ^ *at++) * 0x100000001b3ULL;
	return h ^ h >> 32;
}

void *shared_memory(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("vexcheck: memory");
		exit(EXIT_USAGE);
	}
	return p;
}

void totals_open(void)
{
	totals = shared_memory(sizeof(*totals));
	totals->started = now_ns();
}

void digest(uint64_t value)
{
	totals->digest = (totals->digest ^ value) * 0x100000001b3ULL;
	totals->digest ^= totals->digest >> 29;
}

static void on_stop(int sig)
{
	(void)sig;
	totals->stop = 1;
}

/* Without SA_RESTART: whoever waits is to look whether it should go on. */
void stop_on_signals(void)
{
	struct sigaction sa = { .sa_handler = on_stop };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool may_go_on(void)
{
	uint64_t now = now_ns(), told = totals->told;

	if (opt.progress && now - (told ? told : totals->started) >= 1000000000 &&
	    __atomic_compare_exchange_n(&totals->told, &told, now, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		print_progress();
	if (__atomic_load_n(&totals->stop, __ATOMIC_RELAXED))
		return false;
	if (__atomic_load_n(&totals->wrong, __ATOMIC_RELAXED) >= MAX_WRONG)
		return false;
	return !opt.seconds || now - totals->started < opt.seconds * 1e9;
}

bool going(void)
{
	if (!may_go_on())
		return false;
	/* Whoever counts past the limit has not begun. */
	if (__atomic_add_fetch(&totals->ops, 1, __ATOMIC_RELAXED) <= opt.ops || !opt.ops)
		return true;
	__atomic_sub_fetch(&totals->ops, 1, __ATOMIC_RELAXED);
	return false;
}
