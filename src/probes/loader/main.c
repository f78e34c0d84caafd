/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads, attaches, reads and removes BPF objects for whoever holds the other end of its standard input: one JSON
 * object a line in, one out. It ends with its input, and all that it loaded goes with its descriptors.
 *
 *   {"id":1,"op":"load","file":"x.bpf.o","btf":"x.btf","interface":"eth0"}
 *     → {"id":1,"status":0,"object":0,"programs":["f"],"us":1800}
 *   {"id":2,"op":"attach","object":0}  → {"id":2,"status":0,"links":1,"us":900}
 *   {"id":3,"op":"read","object":0}    → {"id":3,"status":0,"maps":[…],"us":40}
 *   {"id":4,"op":"unload","object":0}  → {"id":4,"status":0,"us":500}
 *   what fails → {"id":1,"status":ERRNO,"error":"words","log":"libbpf and verifier"}
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "loader.h"

/* The verifier's last words count, and they may come behind megabytes. */
#define MAX_LOG 16384

static struct loaded objects[MAX_OBJECTS];
static struct json_doc doc;
static struct buf said;

static int on_print(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *text;
	int len;

	if (level != LIBBPF_WARN)
		return 0;
	len = vasprintf(&text, fmt, args);
	if (len < 0)
		return 0;
	if (said.len > 8 * MAX_LOG)
		buf_free(&said);
	buf_add(&said, text, (size_t)len);
	free(text);
	return 0;
}

void fail(struct failure *why, int code, const char *fmt, ...)
{
	va_list args;

	why->code = code < 0 ? -code : code;
	va_start(args, fmt);
	vsnprintf(why->words, sizeof(why->words), fmt, args);
	va_end(args);
}

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static const char *text_of(const struct json *request, const char *name)
{
	const struct json *member = json_get(request, name);

	return member && member->type == JSON_STRING ? member->string.s : NULL;
}

static long long number_of(const struct json *request, const char *name)
{
	const struct json *member = json_get(request, name);

	return member && member->type == JSON_INT ? member->integer : -1;
}

static struct loaded *slot_of(const struct json *request, struct failure *why)
{
	long long index = number_of(request, "object");

	if (index >= 0 && index < MAX_OBJECTS && objects[index].object)
		return &objects[index];
	fail(why, ENOENT, "no object %lld is loaded", index);
	return NULL;
}

static bool do_load(const struct json *request, struct buf *out, struct failure *why)
{
	const char *file = text_of(request, "file");
	struct bpf_program *program;
	const char *comma = "";
	int index = 0;

	while (index < MAX_OBJECTS && objects[index].object)
		index++;
	if (index == MAX_OBJECTS) {
		fail(why, EMFILE, "%d objects are loaded already", MAX_OBJECTS);
		return false;
	}
	if (!file) {
		fail(why, EINVAL, "no file was named");
		return false;
	}
	if (!load_object(&objects[index], file, text_of(request, "btf"), text_of(request, "interface"), why))
		return false;
	buf_fmt(out, ",\"object\":%d,\"programs\":[", index);
	bpf_object__for_each_program(program, objects[index].object) {
		buf_fmt(out, "%s", comma);
		buf_json_str(out, bpf_program__name(program));
		comma = ",";
	}
	buf_fmt(out, "]");
	return true;
}

static bool do_attach(const struct json *request, struct buf *out, struct failure *why)
{
	struct loaded *slot = slot_of(request, why);

	if (!slot || !attach_object(slot, why))
		return false;
	buf_fmt(out, ",\"links\":%d", slot->link_count);
	return true;
}

static bool do_read(const struct json *request, struct buf *out, struct failure *why)
{
	const struct loaded *slot = slot_of(request, why);

	return slot && read_maps(slot, out, why);
}

static bool do_unload(const struct json *request, struct buf *out, struct failure *why)
{
	struct loaded *slot = slot_of(request, why);

	(void)out;
	if (slot)
		unload_object(slot);
	return slot != NULL;
}

static const struct {
	const char *name;
	bool (*run)(const struct json *request, struct buf *out, struct failure *why);
} ops[] = {
	{ "load", do_load },
	{ "attach", do_attach },
	{ "read", do_read },
	{ "unload", do_unload },
};

static bool perform(const struct json *request, struct buf *out, struct failure *why)
{
	const char *op = request ? text_of(request, "op") : NULL;
	size_t i;

	for (i = 0; op && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(ops[i].name, op) == 0)
			return ops[i].run(request, out, why);
	fail(why, EINVAL, "no such request");
	return false;
}

static void answer(char *line, size_t len)
{
	const struct json *request = json_parse(&doc, line, len);
	struct failure why = { 0 };
	struct buf members = { 0 }, out = { 0 };
	long long start = now_us();
	bool done;

	buf_free(&said);
	done = perform(request, &members, &why) && !members.failed;
	buf_fmt(&out, "{\"id\":%lld,\"status\":%d", request ? number_of(request, "id") : -1, done ? 0 : why.code ? why.code : ENOMEM);
	if (done) {
		buf_add(&out, members.p, members.len);
	} else {
		buf_fmt(&out, ",\"error\":");
		buf_json_str(&out, why.words);
		buf_fmt(&out, ",\"log\":");
		buf_json(&out, said.len > MAX_LOG ? said.p + said.len - MAX_LOG : said.p, said.len > MAX_LOG ? MAX_LOG : said.len);
	}
	buf_fmt(&out, ",\"us\":%lld}\n", now_us() - start);
	if (out.failed || fwrite(out.p, 1, out.len, stdout) != out.len || fflush(stdout) != 0)
		exit(1);
	buf_free(&members);
	buf_free(&out);
}

int main(void)
{
	/* Before 5.11 maps count against the limit of locked memory. */
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int i;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(on_print);
	while ((len = getline(&line, &cap, stdin)) > 0)
		answer(line, (size_t)len);
	free(line);
	for (i = 0; i < MAX_OBJECTS; i++)
		if (objects[i].object)
			unload_object(&objects[i]);
	return 0;
}
