// SPDX-License-Identifier: GPL-2.0
/* The table of vectors of a file: adding and freeing. */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "disk.h"

/* A chunk holds a power of two of vectors in about this many bytes. */
#define VEXFS_CHUNK_BYTES	(64 << 10)

static size_t vexfs_chunk_bytes(const struct vexfs_vectors *vec)
{
	return (size_t)vec->per_chunk * vec->dim * sizeof(s32);
}

static int vexfs_vector_check(const struct vexfs_add_vector *arg)
{
	if (!arg->dim || arg->dim > VEXFS_MAX_DIM || arg->flags || !arg->count ||
	    (arg->format != VEXFS_FORMAT_INT &&
	     arg->format != VEXFS_FORMAT_Q16_16))
		return -EINVAL;
	if (arg->count > VEXFS_MAX_BATCH ||
	    (u64)arg->count * arg->dim * sizeof(s32) > VEXFS_MAX_BATCH_BYTES)
		return -E2BIG;
	return 0;
}

/* Room for one more chunk pointer. */
static int vexfs_vector_grow(struct vexfs_vectors *vec)
{
	u32 max = vec->max_chunks ? vec->max_chunks * 2 : 8;
	s32 **chunks;

	if (vec->nr_chunks < vec->max_chunks)
		return 0;
	chunks = kvcalloc(max, sizeof(*chunks), GFP_KERNEL_ACCOUNT);
	if (!chunks)
		return -ENOMEM;
	if (vec->nr_chunks)
		memcpy(chunks, vec->chunks, vec->nr_chunks * sizeof(*chunks));
	trace_alloc("vector_index", vexfs_u64(chunks), max * sizeof(*chunks));
	if (vec->chunks)
		trace_free("vector_index", vexfs_u64(vec->chunks));
	kvfree(vec->chunks);
	vec->chunks = chunks;
	vec->max_chunks = max;
	return 0;
}

static int vexfs_vector_add_chunk(struct vexfs_sb_info *sbi,
				  struct vexfs_vectors *vec)
{
	size_t bytes = vexfs_chunk_bytes(vec);
	s32 *chunk;
	int ret;

	ret = vexfs_vector_grow(vec);
	if (ret)
		return ret;
	ret = vexfs_charge(sbi, bytes);
	if (ret)
		return ret;
	chunk = kvzalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!chunk) {
		vexfs_uncharge(sbi, bytes);
		return -ENOMEM;
	}
	trace_alloc("vector_chunk", vexfs_u64(chunk), bytes);
	vec->chunks[vec->nr_chunks++] = chunk;
	vec->bytes += bytes;
	return 0;
}

/* Under vec_sem. What was added before a failure stays out of the count. */
static int vexfs_vector_append(struct inode *inode, const s32 *data,
			       const struct vexfs_add_vector *arg, u64 *first)
{
	struct vexfs_inode *vi = VEXFS_I(inode);
	struct vexfs_vectors *vec = &vi->vec;
	u32 i;
	int ret;

	vexfs_mem_read("vexfs_inode", vi, vec.dim);
	if (vec->count && (vec->dim != arg->dim || vec->format != arg->format))
		return -EINVAL;
	vexfs_mem_read("vexfs_inode", vi, vec.count);
	if (vec->count + arg->count > VEXFS_MAX_VECTORS)
		return -E2BIG;
	if (!vec->count) {
		/* Chunks of an add that failed may have another shape. */
		vexfs_vector_free_all(inode);
		vec->dim = arg->dim;
		vexfs_mem_write("vexfs_inode", vi, vec.dim);
		vec->format = arg->format;
		vexfs_mem_write("vexfs_inode", vi, vec.format);
		vec->per_chunk = rounddown_pow_of_two(VEXFS_CHUNK_BYTES /
						      (arg->dim * sizeof(s32)));
	}

	for (i = 0; i < arg->count; i++) {
		u64 id = vec->count + i;

		while (id / vec->per_chunk >= vec->nr_chunks) {
			ret = vexfs_vector_add_chunk(VEXFS_SB(inode->i_sb), vec);
			if (ret)
				return ret;
			vexfs_mem_write("vexfs_inode", vi, vec.nr_chunks);
		}
		memcpy((s32 *)vexfs_vector_at(vec, id),
		       data + (size_t)i * arg->dim, arg->dim * sizeof(s32));
	}
	*first = vec->count;
	vec->count += arg->count;
	vexfs_mem_write("vexfs_inode", vi, vec.count);
	return 0;
}

/* A page that is there may go before it is written to, so more than once. */
#define VEXFS_ID_TRIES	4

/*
 * Tells the id that is given next, under vec_sem, before anything is added: a
 * call that fails has added nothing. Never waits for a page.
 */
static bool vexfs_tell_id(u64 __user *to, u64 id)
{
	unsigned long left;

	pagefault_disable();
	left = copy_to_user(to, &id, sizeof(id));
	pagefault_enable();
	return !left;
}

int vexfs_vector_add(struct inode *inode, const struct vexfs_add_vector *arg,
		     u64 __user *first_id)
{
	struct vexfs_inode *vi = VEXFS_I(inode);
	int ret, tries = 0;
	bool told = false;
	size_t bytes;
	s32 *data;
	u64 first;

	ret = vexfs_vector_check(arg);
	if (ret)
		return ret;
	bytes = (size_t)arg->count * arg->dim * sizeof(s32);

	/* Copied first: user memory may fault, and slowly, under a lock. */
	data = kvmalloc(bytes, GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;
	trace_alloc("vector_batch", vexfs_u64(data), bytes);
	if (copy_from_user(data, u64_to_user_ptr(arg->data), bytes)) {
		ret = -EFAULT;
		goto out;
	}
	do {
		if (fault_in_writeable((char __user *)first_id, sizeof(*first_id)))
			break;
		vexfs_change_begin(inode->i_sb);
		vexfs_down_write(&vi->vec_sem, "inode.vec_sem");
		told = vexfs_tell_id(first_id, vi->vec.count);
		if (told)
			ret = vexfs_vector_append(inode, data, arg, &first);
		vexfs_down_write_end(&vi->vec_sem, "inode.vec_sem");
		if (told && !ret)
			vexfs_dirty(inode, VEXFS_DIRTY_VECTORS);
		vexfs_change_end(inode->i_sb);
	} while (!told && ++tries < VEXFS_ID_TRIES);
	if (!told)
		ret = -EFAULT;
	else if (!ret)
		vexfs_count_objects(inode->i_sb, 0, arg->count, 0);
out:
	trace_free("vector_batch", vexfs_u64(data));
	kvfree(data);
	return ret;
}

/* Those that a device has, which must be the next ones. */
int vexfs_vector_load(struct inode *inode, const struct vexfs_add_vector *arg,
		      const __le32 *data)
{
	size_t i, n = (size_t)arg->count * arg->dim;
	u64 first;
	s32 *copy;
	int ret;

	if (vexfs_vector_check(arg) ||
	    arg->first_id != VEXFS_I(inode)->vec.count)
		return -EUCLEAN;
	copy = kvmalloc_array(n, sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		copy[i] = (s32)le32_to_cpu(data[i]);
	ret = vexfs_vector_append(inode, copy, arg, &first);
	kvfree(copy);
	if (!ret)
		vexfs_count_objects(inode->i_sb, 0, arg->count, 0);
	return ret == -EINVAL || ret == -E2BIG ? -EUCLEAN : ret;
}

/* On eviction, or under vec_sem. */
void vexfs_vector_free_all(struct inode *inode)
{
	struct vexfs_vectors *vec = &VEXFS_I(inode)->vec;
	u32 i;

	if (!vec->chunks)
		return;
	if (vec->count)
		vexfs_count_objects(inode->i_sb, 0, -(s64)vec->count, 0);
	for (i = 0; i < vec->nr_chunks; i++) {
		trace_free("vector_chunk", vexfs_u64(vec->chunks[i]));
		kvfree(vec->chunks[i]);
	}
	trace_free("vector_index", vexfs_u64(vec->chunks));
	kvfree(vec->chunks);
	vexfs_uncharge(VEXFS_SB(inode->i_sb), vec->bytes);
	memset(vec, 0, sizeof(*vec));
}
