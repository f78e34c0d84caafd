/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/btf.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "loader.h"

/* Tells the programs which interface is meant: a constant of that name in .rodata, if they have one. */
static void set_interface(struct bpf_object *object, int index)
{
	const struct btf *btf = bpf_object__btf(object);
	int id = btf ? btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC) : -1;
	const struct btf_type *section = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
	const struct btf_var_secinfo *var = section ? btf_var_secinfos(section) : NULL;
	struct bpf_map *map;
	int i;

	for (i = 0; section && i < btf_vlen(section); i++, var++) {
		const struct btf_type *type = btf__type_by_id(btf, var->type);

		if (strcmp(btf__name_by_offset(btf, type->name_off), "interface_index") != 0 || var->size != sizeof(index))
			continue;
		bpf_object__for_each_map(map, object) {
			size_t size, len = strlen(bpf_map__name(map));
			char *data = (char *)bpf_map__initial_value(map, &size);

			if (data && len > 7 && strcmp(bpf_map__name(map) + len - 7, ".rodata") == 0 && var->offset + var->size <= size)
				memcpy(data + var->offset, &index, sizeof(index));
		}
	}
}

static bool wants_interface(const struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		if (bpf_program__type(program) == BPF_PROG_TYPE_XDP)
			return true;
	return false;
}

bool load_object(struct loaded *slot, const char *file, const char *btf, const char *interface, struct failure *why)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = btf);
	struct bpf_object *object = bpf_object__open_file(file, &options);
	int index = interface ? (int)if_nametoindex(interface) : 0;
	int error;

	if (!object) {
		fail(why, errno, "open: %s", strerror(errno));
		return false;
	}
	if (interface && index == 0) {
		fail(why, ENODEV, "interface: there is no interface %.32s", interface);
	} else if (!interface && wants_interface(object)) {
		fail(why, ENODEV, "interface: no interface was named");
	} else {
		set_interface(object, index);
		error = bpf_object__load(object);
		if (error == 0) {
			*slot = (struct loaded){ .object = object, .interface = index };
			return true;
		}
		fail(why, error, "load: %s", strerror(-error));
	}
	bpf_object__close(object);
	return false;
}

static struct bpf_link *attach_program(const struct loaded *slot, const struct bpf_program *program)
{
	/* The link belongs to our descriptor, so that XDP goes when we do. */
	if (bpf_program__type(program) == BPF_PROG_TYPE_XDP)
		return bpf_program__attach_xdp(program, slot->interface);
	return bpf_program__attach(program);
}

bool attach_object(struct loaded *slot, struct failure *why)
{
	struct bpf_program *program;

	if (slot->link_count > 0) {
		fail(why, EALREADY, "attach: it is attached already");
		return false;
	}
	bpf_object__for_each_program(program, slot->object) {
		struct bpf_link *link = slot->link_count < MAX_LINKS ? attach_program(slot, program) : NULL;
		int error = slot->link_count < MAX_LINKS ? errno : E2BIG;

		if (!link) {
			while (slot->link_count > 0)
				bpf_link__destroy(slot->links[--slot->link_count]);
			fail(why, error, "attach: %s to %s: %s", bpf_program__name(program), bpf_program__section_name(program),
			     strerror(error));
			return false;
		}
		slot->links[slot->link_count++] = link;
	}
	return true;
}

void unload_object(struct loaded *slot)
{
	while (slot->link_count > 0)
		bpf_link__destroy(slot->links[--slot->link_count]);
	bpf_object__close(slot->object);
	*slot = (struct loaded){ 0 };
}
