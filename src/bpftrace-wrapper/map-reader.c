/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads BPF maps for whoever holds the other end of its standard input: a command a line in, one JSON object a line out.
 * It ends with its input. A process for each read, as bpftool is used, costs milliseconds; this costs microseconds.
 *
 *   maps PID      → {"maps":[{"id":7,"type":5,"name":"AT_n","keySize":8,"valueSize":8,"maxEntries":4096},…]}
 *   dump ID MAX   → {"cpus":2,"count":9,"cut":false,"data":"hex"}: key and value of each entry one behind the other,
 *                   of per-CPU maps the values of all possible CPUs, each padded to eight bytes (`cpus` is 0 of others)
 *   what fails    → {"error":"words"}
 */
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_BYTES (32u << 20)
#define MAX_KEY 512u

struct dump {
	struct bpf_map_info info;
	int fd;
	uint32_t cpus;
	uint32_t stride; /* bytes of the values of one key */
	uint32_t max;
	uint32_t count;
	bool cut;
	unsigned char *keys;
	unsigned char *values;
};

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static void fail(const char *what)
{
	printf("{\"error\":\"%s: %s\"}\n", what, strerror(errno));
}

static int open_map(uint32_t id, struct bpf_map_info *info)
{
	union bpf_attr attr = { .map_id = id };
	int fd = (int)bpf(BPF_MAP_GET_FD_BY_ID, &attr);

	if (fd < 0)
		return -1;
	memset(info, 0, sizeof(*info));
	attr = (union bpf_attr){ .info = { .bpf_fd = (uint32_t)fd, .info_len = sizeof(*info), .info = (uintptr_t)info } };
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The line of fs/proc/fd.c that bpf_map_show_fdinfo (kernel/bpf/syscall.c) adds for a map. */
static uint32_t map_of(const char *path)
{
	char line[128];
	uint32_t id = 0;
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "map_id:%u", &id) == 1)
			break;
	if (file)
		fclose(file);
	return id;
}

static void show(uint32_t id, const char *comma)
{
	struct bpf_map_info info;
	int fd = open_map(id, &info);

	if (fd < 0)
		return;
	close(fd);
	for (char *c = info.name; *c; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			*c = '?';
	printf("%s{\"id\":%u,\"type\":%u,\"name\":\"%s\",\"keySize\":%u,\"valueSize\":%u,\"maxEntries\":%u}", comma, id,
	       info.type, info.name, info.key_size, info.value_size, info.max_entries);
}

static void list_maps(unsigned int pid)
{
	char path[320];
	const char *comma = "";
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/fdinfo", pid);
	dir = opendir(path);
	if (!dir) {
		fail("the process");
		return;
	}
	fputs("{\"maps\":[", stdout);
	while ((entry = readdir(dir))) {
		uint32_t id;

		snprintf(path, sizeof(path), "/proc/%u/fdinfo/%s", pid, entry->d_name);
		id = entry->d_name[0] == '.' ? 0 : map_of(path);
		if (id == 0)
			continue;
		show(id, comma);
		comma = ",";
	}
	closedir(dir);
	fputs("]}\n", stdout);
}

static uint32_t possible_cpus(void)
{
	unsigned int first = 0, last = 0;
	FILE *file = fopen("/sys/devices/system/cpu/possible", "r");

	if (file) {
		if (fscanf(file, "%u-%u", &first, &last) < 1)
			last = 0;
		fclose(file);
	}
	return (last > first ? last : first) + 1;
}

static bool is_percpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* One call for the whole map (generic_map_lookup_batch, __htab_map_lookup_and_delete_batch); false where there is none. */
static bool dump_batch(struct dump *dump)
{
	unsigned char in[MAX_KEY], out[MAX_KEY];
	bool first = true;

	while (dump->count < dump->max) {
		union bpf_attr attr = { .batch = {
			.in_batch = first ? 0 : (uintptr_t)in,
			.out_batch = (uintptr_t)out,
			.keys = (uintptr_t)(dump->keys + (size_t)dump->count * dump->info.key_size),
			.values = (uintptr_t)(dump->values + (size_t)dump->count * dump->stride),
			.count = dump->max - dump->count,
			.map_fd = (uint32_t)dump->fd,
		} };
		long done = bpf(BPF_MAP_LOOKUP_BATCH, &attr);

		if (done < 0 && errno != ENOENT)
			return !first && errno == ENOSPC ? (dump->cut = true) : false;
		dump->count += attr.batch.count;
		if (done < 0)
			return true;
		memcpy(in, out, sizeof(in));
		first = false;
	}
	dump->cut = true;
	return true;
}

static void dump_each(struct dump *dump)
{
	unsigned char *last = NULL;

	dump->count = 0;
	/* A map that others change may begin again and again. */
	for (uint64_t steps = 0; dump->count < dump->max && steps < 4ull * dump->max; steps++) {
		unsigned char *key = dump->keys + (size_t)dump->count * dump->info.key_size;
		union bpf_attr attr = { .map_fd = (uint32_t)dump->fd, .key = (uintptr_t)last, .next_key = (uintptr_t)key };

		if (bpf(BPF_MAP_GET_NEXT_KEY, &attr) < 0)
			return;
		attr = (union bpf_attr){ .map_fd = (uint32_t)dump->fd,
					 .key = (uintptr_t)key,
					 .value = (uintptr_t)(dump->values + (size_t)dump->count * dump->stride) };
		last = key;
		/* One that was deleted meanwhile is passed over, its key is still where the next begins. */
		if (bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0)
			dump->count++;
		else if (errno != ENOENT)
			return;
	}
	dump->cut = true;
}

static void print_hex(const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		putchar_unlocked(digits[bytes[i] >> 4]);
		putchar_unlocked(digits[bytes[i] & 15]);
	}
}

static void print_dump(const struct dump *dump)
{
	printf("{\"cpus\":%u,\"count\":%u,\"cut\":%s,\"data\":\"", dump->cpus, dump->count, dump->cut ? "true" : "false");
	for (uint32_t i = 0; i < dump->count; i++) {
		print_hex(dump->keys + (size_t)i * dump->info.key_size, dump->info.key_size);
		print_hex(dump->values + (size_t)i * dump->stride, dump->stride);
	}
	fputs("\"}\n", stdout);
}

static void dump_map(uint32_t id, uint32_t max)
{
	struct dump dump = { .max = max };
	size_t each;

	dump.fd = open_map(id, &dump.info);
	if (dump.fd < 0) {
		fail("the map");
		return;
	}
	dump.cpus = is_percpu(dump.info.type) ? possible_cpus() : 0;
	dump.stride = dump.cpus ? ((dump.info.value_size + 7) & ~7u) * dump.cpus : dump.info.value_size;
	each = (size_t)dump.info.key_size + dump.stride;
	/* One more than there can be: the end of the map is seen in the same call. */
	if (dump.max > dump.info.max_entries)
		dump.max = dump.info.max_entries + 1;
	if (each > 0 && dump.max > MAX_BYTES / each)
		dump.max = (uint32_t)(MAX_BYTES / each);
	dump.keys = malloc((size_t)dump.max * dump.info.key_size + 1);
	dump.values = malloc((size_t)dump.max * dump.stride + 1);
	errno = EINVAL;
	if (!dump.keys || !dump.values || dump.info.key_size == 0 || dump.info.key_size > MAX_KEY) {
		fail("the map");
	} else {
		if (!dump_batch(&dump))
			dump_each(&dump);
		print_dump(&dump);
	}
	free(dump.keys);
	free(dump.values);
	close(dump.fd);
}

int main(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		unsigned int first, second;

		errno = EINVAL;
		if (sscanf(line, "maps %u", &first) == 1)
			list_maps(first);
		else if (sscanf(line, "dump %u %u", &first, &second) == 2 && second > 0)
			dump_map(first, second);
		else
			fail("the command");
		fflush(stdout);
	}
	return 0;
}
