// SPDX-License-Identifier: GPL-2.0
/* What is written to standard output: one JSON object a line, each by one write. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vexcheck.h"

#define LINE_ROOM	16384

static bool could_not;

/* Good until eight more have been made. */
const char *text(const char *fmt, ...)
{
	static char rooms[8][600];
	static int next;
	char *room = rooms[next++ % 8];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(room, sizeof(rooms[0]), fmt, ap);
	va_end(ap);
	return room;
}

/* Bytes that are not ASCII are escaped one by one: names are bytes, not text. */
size_t json_string(char *to, size_t room, const char *from)
{
	size_t n = 0;

	if (room < 3)
		return 0;
	to[n++] = '"';
	for (; *from && n + 8 < room; from++) {
		unsigned char c = *from;

		if (c == '"' || c == '\\')
			n += snprintf(to + n, room - n, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			n += snprintf(to + n, room - n, "\\u%04x", c);
		else
			to[n++] = c;
	}
	to[n++] = '"';
	to[n] = '\0';
	return n;
}

static void print_line(char *line, size_t n)
{
	line[n++] = '\n';
	while (n) {
		ssize_t done = write(STDOUT_FILENO, line, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;	/* nobody reads: nothing to be done about it */
		line += done;
		n -= done;
	}
}

static double seconds_so_far(void)
{
	return (now_ns() - totals->started) / 1e9;
}

void print_progress(void)
{
	char line[128];
	int n = snprintf(line, sizeof(line) - 1, "{\"ops\":%" PRIu64 ",\"seconds\":%.1f}",
			 totals->ops, seconds_so_far());

	print_line(line, n);
}

void wrong(const char *what, const char *expected, const char *got)
{
	char line[LINE_ROOM];
	size_t n;

	if (__atomic_fetch_add(&totals->wrong, 1, __ATOMIC_RELAXED) >= MAX_WRONG)
		return;
	n = snprintf(line, sizeof(line), "{\"wrong\":");
	n += json_string(line + n, 200, opt.check);
	n += snprintf(line + n, sizeof(line) - n, ",\"what\":");
	n += json_string(line + n, 4000, what);
	n += snprintf(line + n, sizeof(line) - n, ",\"expected\":");
	n += json_string(line + n, 4000, expected);
	n += snprintf(line + n, sizeof(line) - n, ",\"got\":");
	n += json_string(line + n, 4000, got);
	n += snprintf(line + n, sizeof(line) - n, ",\"seed\":%" PRIu64 ",\"op\":%" PRIu64 "}",
		      opt.seed, totals->ops);
	print_line(line, n);
}

const char *errno_name(long negative)
{
	const char *name = negative < 0 ? strerrorname_np(-negative) : NULL;

	return name ? name : text("%ld", negative);
}

bool failed(const char *call, long result)
{
	if (result == -ENOSPC || result == -EDQUOT || result == -ENOMEM) {
		__atomic_fetch_add(&totals->full, 1, __ATOMIC_RELAXED);
		return false;
	}
	wrong(text("error of %s", call), "success", errno_name(result));
	return true;
}

int cannot(const char *fmt, ...)
{
	char reason[400], line[1200];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	could_not = true;
	n = snprintf(line, sizeof(line), "{\"check\":");
	n += json_string(line + n, 200, opt.check);
	n += snprintf(line + n, sizeof(line) - n, ",\"result\":\"cannot\",\"reason\":");
	n += json_string(line + n, 800, reason);
	n += snprintf(line + n, sizeof(line) - n, ",\"seed\":%" PRIu64 "}", opt.seed);
	print_line(line, n);
	return EXIT_CANNOT;
}

int print_result(bool stopped)
{
	double seconds = seconds_so_far();
	bool right = !totals->wrong;
	char line[LINE_ROOM];
	size_t n;

	if (could_not)
		return EXIT_CANNOT;
	n = snprintf(line, sizeof(line), "{\"check\":");
	n += json_string(line + n, 200, opt.check);
	n += snprintf(line + n, sizeof(line) - n,
		      ",\"result\":\"%s\",\"ops\":%" PRIu64 ",\"seed\":%" PRIu64
		      ",\"seconds\":%.3f,\"rate\":%.1f,\"full\":%" PRIu64
		      ",\"digest\":\"%016" PRIx64 "\"%s,\"latencyUs\":{",
		      right ? "right" : "wrong", totals->ops, opt.seed, seconds,
		      seconds > 0 ? totals->ops / seconds : 0.0, totals->full,
		      totals->digest, stopped ? ",\"stopped\":true" : "");
	n += latencies_print(line + n, sizeof(line) - n - 8);
	n += snprintf(line + n, sizeof(line) - n, "}}");
	print_line(line, n);
	return right ? EXIT_RIGHT : EXIT_WRONG;
}
