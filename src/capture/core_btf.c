/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/core_btf.h"

#include "base/array.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names of types, less what says for which kernel: "file" of "file___v510". */
struct names {
	char **at;
	size_t count, cap;
};

static bool has_members(const struct btf_type *t)
{
	return btf_is_composite(t) || btf_is_any_enum(t);
}

static int add_name(struct names *names, const char *name)
{
	const char *flavor = strstr(name, "___");

	if (!array_room(&names->at, &names->cap, names->count + 1, sizeof(*names->at)))
		return -ENOMEM;
	names->at[names->count] = strndup(name, flavor ? (size_t)(flavor - name) : strlen(name));
	return names->at[names->count++] ? 0 : -ENOMEM;
}

static int add_names(struct names *names, const struct btf *btf)
{
	int err = 0;

	for (uint32_t id = 1; id < btf__type_cnt(btf) && !err; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name = btf__name_by_offset(btf, t->name_off);

		if (has_members(t) && name[0])
			err = add_name(names, name);
	}
	return err;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_named(const struct names *names, const char *name)
{
	return name[0] &&
	       bsearch(&name, names->at, names->count, sizeof(*names->at), compare_names);
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->at[i]);
	free(names->at);
}

struct copier {
	const struct btf *from;
	struct btf *to;
	int *copies; /* by number in from: number in to, 0: not copied yet */
	int pointer; /* what all pointers are: relocation does not follow them */
};

static int copy_type(struct copier *c, uint32_t id);

/* The members come with the numbers of from. */
static int copy_members(struct copier *c, const struct btf_type *t, int copied)
{
	const struct btf_member *from = btf_members(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		int type = copy_type(c, from[i].type);

		if (type < 0)
			return type;
		btf_members((struct btf_type *)btf__type_by_id(c->to, copied))[i].type = type;
	}
	return 0;
}

static int copy_array(struct copier *c, const struct btf_array *array)
{
	int index = copy_type(c, array->index_type);
	int element = index < 0 ? index : copy_type(c, array->type);

	return element < 0 ? element : btf__add_array(c->to, index, element, array->nelems);
}

static int copy_pointer(struct copier *c)
{
	if (!c->pointer)
		c->pointer = btf__add_ptr(c->to, 0);
	return c->pointer;
}

/* Its number in c->to, or -errno. */
static int copy_type(struct copier *c, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(c->from, id);
	int err = 0;

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)) {
		id = t->type;
		t = btf__type_by_id(c->from, id);
	}
	if (!id || c->copies[id])
		return id ? c->copies[id] : 0;
	if (btf_is_ptr(t))
		c->copies[id] = copy_pointer(c);
	else if (btf_is_array(t))
		c->copies[id] = copy_array(c, btf_array(t));
	else
		c->copies[id] = btf__add_type(c->to, c->from, t);
	if (btf_is_composite(t) && c->copies[id] > 0)
		err = copy_members(c, t, c->copies[id]);
	return err ? err : c->copies[id];
}

static void note_id(struct core_ids *ids, const struct btf_type *t, const char *name, uint32_t id)
{
	const struct {
		uint16_t kind;
		const char *name;
		uint32_t *place;
	} wanted[] = {
		{BTF_KIND_STRUCT, "task_struct", &ids->task_struct},
		{BTF_KIND_STRUCT, "file", &ids->file},
		{BTF_KIND_STRUCT, "fdtable", &ids->fdtable},
		{BTF_KIND_FUNC, "bpf_iter_task", &ids->iter_task},
		{BTF_KIND_FUNC, "bpf_iter_task_file", &ids->iter_task_file},
		{BTF_KIND_FUNC, "bpf_rdonly_cast", &ids->rdonly_cast},
		{BTF_KIND_FUNC, "trace_call_bpf_faultable", &ids->call_faultable},
		{BTF_KIND_TYPEDEF, "btf_trace_sys_exit", &ids->trace_sys_exit},
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (btf_kind(t) == wanted[i].kind && !strcmp(name, wanted[i].name))
			*wanted[i].place = id;
}

static int copy_named(struct copier *c, const struct names *names, struct core_ids *ids)
{
	int err = 0;

	for (uint32_t id = 1; id < btf__type_cnt(c->from) && err >= 0; id++) {
		const struct btf_type *t = btf__type_by_id(c->from, id);
		const char *name = btf__name_by_offset(c->from, t->name_off);

		note_id(ids, t, name, id);
		if (has_members(t) && is_named(names, name))
			err = copy_type(c, id);
	}
	return err < 0 ? err : 0;
}

static int write_btf(int fd, const struct btf *btf)
{
	uint32_t size;
	const char *data = btf__raw_data(btf, &size);

	if (!data)
		return -ENOMEM;
	for (uint32_t at = 0; at < size;) {
		ssize_t n = write(fd, data + at, size - at);

		if (n < 0)
			return -errno;
		at += n;
	}
	return 0;
}

/* The types of the kernel; libbpf's own way would have two copies of the file for a moment. */
static const struct btf *kernel_types(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	const struct btf *btf = NULL;
	struct stat st;
	void *data;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st)) {
		data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0); /* since Linux 6.16 */
		btf = data == MAP_FAILED ? btf__load_vmlinux_btf() : btf__new(data, st.st_size);
		if (data != MAP_FAILED)
			munmap(data, st.st_size);
	}
	close(fd);
	return btf;
}

static int copy_types(int fd, const struct names *names, struct core_ids *ids)
{
	struct copier c = {.from = kernel_types(), .to = btf__new_empty()};
	int err = c.from && c.to ? 0 : -errno;

	if (!err)
		c.copies = calloc(btf__type_cnt(c.from), sizeof(*c.copies));
	if (!err && !c.copies)
		err = -ENOMEM;
	if (!err)
		err = copy_named(&c, names, ids);
	if (!err && fd >= 0)
		err = write_btf(fd, c.to);
	free(c.copies);
	btf__free(c.to);
	btf__free((struct btf *)c.from);
	return err;
}

int core_btf_write(int fd, struct bpf_object *const *objects, unsigned count,
		   struct core_ids *ret_ids)
{
	struct names names = {};
	int err = 0;

	*ret_ids = (struct core_ids){};
	for (unsigned i = 0; i < count && !err; i++)
		if (objects[i])
			err = add_names(&names, bpf_object__btf(objects[i]));
	if (!err && names.count)
		qsort(names.at, names.count, sizeof(*names.at), compare_names);
	if (!err)
		err = copy_types(fd, &names, ret_ids);
	free_names(&names);
	return err;
}
