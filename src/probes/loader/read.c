/* SPDX-License-Identifier: Apache-2.0 */
/* Maps as JSON, by the types that their own BTF gives (Documentation/bpf/btf.rst). */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

#define MAX_DEPTH 8
/* The largest integer that every reader of JSON keeps. */
#define SAFE_INTEGER ((1LL << 53) - 1)

static void put_value(struct buf *out, const struct btf *btf, __u32 id, const char *data, int depth);

static long long integer_at(const char *data, __u32 size, bool is_signed)
{
	long long value = 0;

	memcpy(&value, data, size < sizeof(value) ? size : sizeof(value));
	if (is_signed && size < sizeof(value)) {
		int shift = (int)(sizeof(value) - size) * 8;

		value = (long long)((unsigned long long)value << shift) >> shift;
	}
	return value;
}

static void put_integer(struct buf *out, const char *data, __u32 size, bool is_signed)
{
	long long value = integer_at(data, size, is_signed);

	if (value >= -SAFE_INTEGER && value <= SAFE_INTEGER)
		buf_fmt(out, "%lld", value);
	else
		buf_fmt(out, is_signed ? "\"%lld\"" : "\"%llu\"", value);
}

static void put_enum(struct buf *out, const struct btf *btf, const struct btf_type *type, const char *data)
{
	const struct btf_enum *value = btf_enum(type);
	long long wanted = integer_at(data, type->size, true);
	int i;

	for (i = 0; i < btf_vlen(type); i++, value++) {
		if (value->val != wanted)
			continue;
		buf_json_str(out, btf__name_by_offset(btf, value->name_off));
		return;
	}
	buf_fmt(out, "%lld", wanted);
}

static bool is_char(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, (__u32)btf__resolve_type(btf, id));

	return btf_is_int(type) && type->size == 1;
}

static void put_array(struct buf *out, const struct btf *btf, const struct btf_type *type, const char *data, int depth)
{
	const struct btf_array *array = btf_array(type);
	__s64 size = btf__resolve_size(btf, array->type);
	__u32 i;

	if (is_char(btf, array->type)) {
		buf_json(out, data, strnlen(data, array->nelems));
		return;
	}
	buf_fmt(out, "[");
	for (i = 0; i < array->nelems; i++) {
		buf_fmt(out, i ? "," : "");
		put_value(out, btf, array->type, data + i * size, depth);
	}
	buf_fmt(out, "]");
}

static void put_struct(struct buf *out, const struct btf *btf, const struct btf_type *type, const char *data, int depth)
{
	const struct btf_member *member = btf_members(type);
	const char *comma = "";
	int i;

	buf_fmt(out, "{");
	for (i = 0; i < btf_vlen(type); i++, member++) {
		const char *name = btf__name_by_offset(btf, member->name_off);

		/* Padding has no name. */
		if (!name || !*name)
			continue;
		buf_fmt(out, "%s", comma);
		buf_json_str(out, name);
		buf_fmt(out, ":");
		put_value(out, btf, member->type, data + btf_member_bit_offset(type, (__u32)i) / 8, depth);
		comma = ",";
	}
	buf_fmt(out, "}");
}

static void put_value(struct buf *out, const struct btf *btf, __u32 id, const char *data, int depth)
{
	int resolved = btf__resolve_type(btf, id);
	const struct btf_type *type = resolved >= 0 ? btf__type_by_id(btf, (__u32)resolved) : NULL;

	if (!type || depth == 0)
		buf_fmt(out, "null");
	else if (btf_is_int(type))
		put_integer(out, data, type->size, btf_int_encoding(type) & BTF_INT_SIGNED);
	else if (btf_is_any_enum(type) && !btf_is_enum64(type))
		put_enum(out, btf, type, data);
	else if (btf_is_array(type))
		put_array(out, btf, type, data, depth - 1);
	else if (btf_is_composite(type))
		put_struct(out, btf, type, data, depth - 1);
	else
		buf_fmt(out, "null");
}

static bool is_per_cpu(const struct bpf_map *map)
{
	enum bpf_map_type type = bpf_map__type(map);

	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static bool put_map(struct buf *out, const struct btf *btf, const struct bpf_map *map)
{
	int fd = bpf_map__fd(map), copies = is_per_cpu(map) ? libbpf_num_possible_cpus() : 1, entries, i;
	/* A per-CPU value is rounded up to eight bytes for each CPU (kernel/bpf/syscall.c, bpf_map_value_size). */
	size_t stride = (bpf_map__value_size(map) + 7) / 8 * 8, key_size = bpf_map__key_size(map);
	char *key = calloc(2, key_size), *value = calloc((size_t)(copies > 0 ? copies : 1), stride);
	const char *comma = "";
	void *last = NULL;

	if (!key || !value || copies < 1) {
		free(key);
		free(value);
		return false;
	}
	buf_fmt(out, "{\"name\":");
	buf_json_str(out, bpf_map__name(map));
	buf_fmt(out, ",\"entries\":[");
	for (entries = 0; entries < MAX_ENTRIES && bpf_map_get_next_key(fd, last, key + key_size) == 0; entries++) {
		memcpy(key, key + key_size, key_size);
		last = key;
		/* It may have gone since. */
		if (bpf_map_lookup_elem(fd, key, value) != 0)
			continue;
		buf_fmt(out, "%s{\"key\":", comma);
		put_value(out, btf, bpf_map__btf_key_type_id(map), key, MAX_DEPTH);
		buf_fmt(out, ",\"values\":[");
		for (i = 0; i < copies; i++) {
			buf_fmt(out, i ? "," : "");
			put_value(out, btf, bpf_map__btf_value_type_id(map), value + (size_t)i * stride, MAX_DEPTH);
		}
		buf_fmt(out, "]}");
		comma = ",";
	}
	buf_fmt(out, "]}");
	free(key);
	free(value);
	return true;
}

bool read_maps(const struct loaded *slot, struct buf *out, struct failure *why)
{
	const struct btf *btf = bpf_object__btf(slot->object);
	const struct bpf_map *map;
	const char *comma = "";

	if (!btf) {
		fail(why, EINVAL, "read: the object says nothing of its types");
		return false;
	}
	buf_fmt(out, ",\"maps\":[");
	bpf_object__for_each_map(map, slot->object) {
		/* Globals are maps, too. */
		if (bpf_map__is_internal(map) || !bpf_map__btf_value_type_id(map))
			continue;
		buf_fmt(out, "%s", comma);
		if (!put_map(out, btf, map)) {
			fail(why, ENOMEM, "read: no memory");
			return false;
		}
		comma = ",";
	}
	buf_fmt(out, "]");
	return true;
}
