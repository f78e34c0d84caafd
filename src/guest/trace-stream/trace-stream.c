// SPDX-License-Identifier: Apache-2.0
/*
 * vexfs-trace-stream DIR [pause]: hands out an ftrace instance as binary pages, on standard output.
 *
 * trace_pipe makes text of each event, which costs an emulated guest more than the event did, so that a busy one loses what it
 * recorded. trace_pipe_raw gives the ring buffer's pages as they are; the host takes them apart. What it needs for that is sent
 * along: the layout of pages and events, where the modules' functions lie, the names of tasks, and of addresses in stacks.
 *
 * A guest may make events faster than they can be handed out. From then on the kernel overwrites some behind every page that is read,
 * so that nothing is whole any longer. With `pause` tracing stops once events were lost, until all that is there is handed out: what
 * is traced then is traced wholly.
 *
 * Frames, little-endian, see struct frame. One begins wherever its magic stands, so that a reader that lost its place (a guest that
 * was restored goes on in the middle) finds the next.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "stacks.h"
#include "symbols.h"

enum kind {
	FRAME_LAYOUT = 1,  /* "SYSTEM/EVENT\n" and its format file; "header_page\n" and that */
	FRAME_SYMBOLS = 2, /* lines of /proc/kallsyms that belong to modules */
	FRAME_TASKS = 3,   /* saved_cmdlines: "PID COMM" lines */
	FRAME_PAGE = 4,	   /* of one CPU: the page's header and the bytes it says are used */
	FRAME_READY = 5,   /* all layouts are sent */
	/*
	 * All CPUs had their turn: u64, the monotonic time when it began, up to which the trace is there; then u16 for each CPU
	 * that has more, of which only what was sent is known. The instance's clock must be mono.
	 */
	FRAME_ROUND = 6,
	FRAME_PLACES = 7, /* of stacks: "ADDRESS FUNCTION+0xOFFSET/0xSIZE" lines */
	FRAME_PAUSED = 8, /* nothing was traced for a while: it begins behind what was sent, and ends here */
};

struct frame {
	char magic[4]; /* "VTS1" */
	uint32_t length; /* of what follows */
	/*
	 * Of this process: layouts and symbols hold for the pages of the same one. A module that is loaded again has others,
	 * and a guest that is restored goes back to former ones.
	 */
	uint32_t generation;
	uint32_t sequence;
	uint16_t kind;
	uint16_t cpu;
	uint32_t zero;
	uint64_t monotonic; /* nanoseconds, when it was written */
};

#define MAX_CPUS 256
#define ROUND_PAGES 32 /* of a CPU before the next has its turn */
#define IDLE_MS 20
#define LAST_ROUNDS 256 /* of a buffer that goes on filling when the end was asked for */
#define TASKS_MS 200
#define NICE -5
#define MAX_TEXT 65536
#define SEEN_BITS 12
#define SEEN_PLACES (1 << SEEN_BITS)

/* include/linux/ring_buffer.h and kernel/trace/ring_buffer.c: u64 time, then the length with flags. */
#define PAGE_HEADER 16
#define COMMIT_MASK 0xfffffu
#define MISSED (1u << 31)
#define MISSED_STORED (1u << 30)

static volatile sig_atomic_t stopping;
static const char *instance;
static uint32_t generation, sequence;
static int raw[MAX_CPUS];
static int cpus;
static size_t page_size;
/* Of kernel_stack events. */
static uint16_t stack_id;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void put(const void *data, size_t length)
{
	const char *from = data;

	while (length > 0) {
		ssize_t done = write(STDOUT_FILENO, from, length);

		if (done > 0) {
			from += done;
			length -= (size_t)done;
		} else if (done < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

			poll(&p, 1, 1000);
		} else if (done < 0 && errno != EINTR) {
			exit(1);
		}
	}
}

static void send_frame(enum kind kind, int cpu, const void *data, size_t length)
{
	struct frame f = { { 'V', 'T', 'S', '1' },
			   (uint32_t)length,
			   generation,
			   sequence++,
			   (uint16_t)kind,
			   (uint16_t)cpu,
			   0,
			   (uint64_t)now_ns() };

	put(&f, sizeof(f));
	put(data, length);
}

/* Up to `size` bytes of a file; -1 when it cannot be read. */
static ssize_t slurp(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -1;
	while (have < size && (got = read(fd, to + have, size - have)) > 0)
		have += (size_t)got;
	close(fd);
	return got < 0 && have == 0 ? -1 : (ssize_t)have;
}

/* Gives the event's number, 0 when it has none. */
static int send_layout(const char *path, const char *name)
{
	static char text[MAX_TEXT];
	int head = snprintf(text, sizeof(text), "%s\n", name);
	ssize_t body = slurp(path, text + head, sizeof(text) - (size_t)head - 1);
	const char *id;

	if (body <= 0)
		return 0;
	send_frame(FRAME_LAYOUT, 0, text, (size_t)(head + body));
	text[head + body] = '\0';
	id = strstr(text + head, "\nID: ");
	return id ? atoi(id + 5) : 0;
}

/* The events that are on, one "SYSTEM:EVENT" a line. */
static void send_layouts(void)
{
	static char on[MAX_TEXT];
	char path[512], name[256];
	ssize_t length;

	send_layout("/sys/kernel/tracing/events/header_page", "header_page");
	/* Stacks belong to no system that could be turned on. */
	stack_id = (uint16_t)send_layout("/sys/kernel/tracing/events/ftrace/kernel_stack/format", "ftrace/kernel_stack");
	snprintf(path, sizeof(path), "%s/set_event", instance);
	length = slurp(path, on, sizeof(on) - 1);
	if (length < 0) {
		fprintf(stderr, "vexfs-trace-stream: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	on[length] = '\0';
	for (char *line = strtok(on, "\n"); line; line = strtok(NULL, "\n")) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '/';
		snprintf(name, sizeof(name), "%s", line);
		snprintf(path, sizeof(path), "%s/events/%s/format", instance, name);
		send_layout(path, name);
	}
}

/* Lines that make a frame together. */
struct lines {
	enum kind kind;
	size_t length;
	char text[MAX_TEXT];
};

static void send_lines(struct lines *lines)
{
	if (lines->length > 0)
		send_frame(lines->kind, 0, lines->text, lines->length);
	lines->length = 0;
}

static void add_line(struct lines *lines, const char *line, size_t length)
{
	if (length > sizeof(lines->text))
		return;
	if (lines->length + length > sizeof(lines->text))
		send_lines(lines);
	memcpy(lines->text + lines->length, line, length);
	lines->length += length;
}

static struct lines module_symbols = { .kind = FRAME_SYMBOLS };
static struct lines places = { .kind = FRAME_PLACES };

static void send_module_symbol(const char *line, size_t length)
{
	add_line(&module_symbols, line, length);
}

/* Of the kernel's own functions only those are told that stand in stacks: all of them would be megabytes. */
static void send_place(uint64_t address)
{
	static uint64_t told[SEEN_PLACES];
	uint64_t *slot = &told[(address * 0x9e3779b97f4a7c15u) >> (64 - SEEN_BITS)];
	struct symbol symbol;
	char line[512];
	int length;

	/* Two that share a slot are told again and again, which is no harm. */
	if (*slot == address || !symbols_find(address, &symbol))
		return;
	*slot = address;
	length = snprintf(line, sizeof(line), "%llx %.400s+0x%llx/0x%llx\n", (unsigned long long)address, symbol.name,
			  (unsigned long long)symbol.offset, (unsigned long long)symbol.size);
	add_line(&places, line, (size_t)length);
}

/* Names that changed since, before the pages that need them. */
static void send_tasks(void)
{
	static char text[MAX_TEXT], sent[MAX_TEXT];
	static ssize_t sent_length = -1;
	static int64_t next;
	int64_t now = now_ns();
	ssize_t length;

	if (now < next)
		return;
	next = now + TASKS_MS * 1000000LL;
	length = slurp("/sys/kernel/tracing/saved_cmdlines", text, sizeof(text));
	if (length <= 0 || (length == sent_length && memcmp(text, sent, (size_t)length) == 0))
		return;
	send_frame(FRAME_TASKS, 0, text, (size_t)length);
	memcpy(sent, text, (size_t)length);
	sent_length = length;
}

static void open_cpus(void)
{
	char path[512];

	for (int cpu = 0; cpu < MAX_CPUS; cpu++) {
		snprintf(path, sizeof(path), "%s/per_cpu/cpu%d/trace_pipe_raw", instance, cpu);
		raw[cpu] = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (raw[cpu] < 0)
			break;
		cpus = cpu + 1;
	}
	if (cpus == 0) {
		fprintf(stderr, "vexfs-trace-stream: %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

static bool lost_some(const char *page)
{
	uint64_t commit;

	memcpy(&commit, page + 8, sizeof(commit));
	return commit & MISSED;
}

/* What of a page is used: a page is always handed out whole. */
static size_t used(const char *page)
{
	uint64_t commit;
	size_t length;

	memcpy(&commit, page + 8, sizeof(commit));
	length = PAGE_HEADER + (size_t)(commit & COMMIT_MASK) + (commit & MISSED_STORED ? 8 : 0);
	return length < page_size ? length : page_size;
}

static void trace_on(bool on)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/tracing_on", instance);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, on ? "1" : "0", 1) != 1)
		fprintf(stderr, "vexfs-trace-stream: %s: %s\n", path, strerror(errno));
	close(fd);
}

/* Pages of each CPU in turn; how many there were. `lost` is set when events were lost before one of them. */
static int round_of_pages(char *pages, bool *lost)
{
	struct {
		uint64_t begun;
		uint16_t more[MAX_CPUS];
	} round = { .begun = (uint64_t)now_ns() };
	static bool told; /* that there is nothing any longer */
	int count[MAX_CPUS], all = 0, more = 0;

	for (int cpu = 0; cpu < cpus; cpu++) {
		char *to = pages + (size_t)cpu * ROUND_PAGES * page_size;

		for (count[cpu] = 0; count[cpu] < ROUND_PAGES; count[cpu]++)
			if (read(raw[cpu], to + (size_t)count[cpu] * page_size, page_size) <= 0)
				break;
		all += count[cpu];
		if (count[cpu] == ROUND_PAGES)
			round.more[more++] = (uint16_t)cpu;
	}
	if (all > 0)
		send_tasks();
	for (int cpu = 0; cpu < cpus; cpu++)
		for (int i = 0; i < count[cpu]; i++)
			stacks_of_page(pages + ((size_t)cpu * ROUND_PAGES + (size_t)i) * page_size, page_size, stack_id,
				       send_place);
	send_lines(&places);
	for (int cpu = 0; cpu < cpus; cpu++) {
		const char *from = pages + (size_t)cpu * ROUND_PAGES * page_size;

		for (int i = 0; i < count[cpu]; i++, from += page_size) {
			send_frame(FRAME_PAGE, cpu, from, used(from));
			if (lost_some(from))
				*lost = true;
		}
	}
	if (all > 0 || !told)
		send_frame(FRAME_ROUND, 0, &round, sizeof(round.begun) + (size_t)more * sizeof(round.more[0]));
	told = all == 0;
	return all;
}

int main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_signal };
	bool pauses = argc == 3 && strcmp(argv[2], "pause") == 0, lost = false, paused = false;
	int last = 0;
	char *pages;

	if (argc != 2 && !pauses) {
		fprintf(stderr, "usage: vexfs-trace-stream DIR [pause]\n");
		return 2;
	}
	instance = argv[1];
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	/* The shorter the pauses the better, but the load's operations must not become slow by them. */
	if (pauses)
		setpriority(PRIO_PROCESS, 0, NICE);
	generation = (uint32_t)(now_ns() >> 10) ^ (uint32_t)getpid();
	open_cpus();
	pages = malloc((size_t)cpus * ROUND_PAGES * page_size);
	if (!pages) {
		fprintf(stderr, "vexfs-trace-stream: out of memory\n");
		return 1;
	}
	send_layouts();
	symbols_read(send_module_symbol);
	send_lines(&module_symbols);
	send_frame(FRAME_READY, 0, NULL, 0);
	/* One that was killed may have left it off. */
	trace_on(true);
	for (;;) {
		int stopped = stopping; /* asked before reading: all of before is handed out */
		int all = round_of_pages(pages, &lost);

		if (stopped && (all == 0 || ++last > LAST_ROUNDS))
			break;
		if (paused && all == 0) {
			send_frame(FRAME_PAUSED, 0, NULL, 0);
			trace_on(true);
			paused = lost = false;
		} else if (pauses && lost && !paused) {
			trace_on(false);
			paused = true;
		}
		if (all < ROUND_PAGES && !stopped && !paused)
			poll(NULL, 0, IDLE_MS);
	}
	if (paused)
		trace_on(true);
	return 0;
}
