/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events. Their fields are an interface, described in README.md: add at
 * the end, never change. Addresses are real ones, since a reader joins lock and
 * memory events by them; tracefs is readable by root alone.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vexfs

#if !defined(_VEXFS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VEXFS_TRACE_H

#include <linux/tracepoint.h>
#include "compat.h"

TRACE_EVENT(op_begin,
	TP_PROTO(const char *op, const char *sb, u64 ino, u64 id),
	TP_ARGS(op, sb, ino, id),
	TP_STRUCT__entry(
		__string(op, op)
		__string(sb, sb)
		__field(u64, ino)
		__field(u64, id)
	),
	TP_fast_assign(
		vexfs_assign_str(op, op);
		vexfs_assign_str(sb, sb);
		__entry->ino = ino;
		__entry->id = id;
	),
	TP_printk("op=%s sb=%s ino=%llu id=%llu", __get_str(op), __get_str(sb),
		  __entry->ino, __entry->id)
);

TRACE_EVENT(op_end,
	TP_PROTO(const char *op, const char *sb, u64 ino, u64 id, s64 ret, u64 ns),
	TP_ARGS(op, sb, ino, id, ret, ns),
	TP_STRUCT__entry(
		__string(op, op)
		__string(sb, sb)
		__field(u64, ino)
		__field(u64, id)
		__field(s64, ret)
		__field(u64, ns)
	),
	TP_fast_assign(
		vexfs_assign_str(op, op);
		vexfs_assign_str(sb, sb);
		__entry->ino = ino;
		__entry->id = id;
		__entry->ret = ret;
		__entry->ns = ns;
	),
	TP_printk("op=%s sb=%s ino=%llu id=%llu ret=%lld ns=%llu", __get_str(op),
		  __get_str(sb), __entry->ino, __entry->id, __entry->ret,
		  __entry->ns)
);

DECLARE_EVENT_CLASS(vexfs_lock_class,
	TP_PROTO(const char *class, const char *mode, u64 lock, unsigned long ip),
	TP_ARGS(class, mode, lock, ip),
	TP_STRUCT__entry(
		__string(class, class)
		__string(mode, mode)
		__field(u64, lock)
		__field(unsigned long, ip)
	),
	TP_fast_assign(
		vexfs_assign_str(class, class);
		vexfs_assign_str(mode, mode);
		__entry->lock = lock;
		__entry->ip = ip;
	),
	TP_printk("class=%s mode=%s lock=0x%llx ip=%pS", __get_str(class),
		  __get_str(mode), __entry->lock, (void *)__entry->ip)
);

DEFINE_EVENT(vexfs_lock_class, lock_attempt,
	TP_PROTO(const char *class, const char *mode, u64 lock, unsigned long ip),
	TP_ARGS(class, mode, lock, ip)
);

DEFINE_EVENT(vexfs_lock_class, lock_acquired,
	TP_PROTO(const char *class, const char *mode, u64 lock, unsigned long ip),
	TP_ARGS(class, mode, lock, ip)
);

DEFINE_EVENT(vexfs_lock_class, lock_release,
	TP_PROTO(const char *class, const char *mode, u64 lock, unsigned long ip),
	TP_ARGS(class, mode, lock, ip)
);

TRACE_EVENT(mem_access,
	TP_PROTO(const char *object, u64 addr, const char *member, u32 size,
		 bool write, bool marked, unsigned long ip),
	TP_ARGS(object, addr, member, size, write, marked, ip),
	TP_STRUCT__entry(
		__string(object, object)
		__string(member, member)
		__field(u64, addr)
		__field(u32, size)
		__field(u8, write)
		__field(u8, marked)
		__field(unsigned long, ip)
	),
	TP_fast_assign(
		vexfs_assign_str(object, object);
		vexfs_assign_str(member, member);
		__entry->addr = addr;
		__entry->size = size;
		__entry->write = write;
		__entry->marked = marked;
		__entry->ip = ip;
	),
	TP_printk("object=%s addr=0x%llx member=%s size=%u write=%u marked=%u ip=%pS",
		  __get_str(object), __entry->addr, __get_str(member),
		  __entry->size, __entry->write, __entry->marked,
		  (void *)__entry->ip)
);

TRACE_EVENT(alloc,
	TP_PROTO(const char *what, u64 ptr, u64 size),
	TP_ARGS(what, ptr, size),
	TP_STRUCT__entry(
		__string(what, what)
		__field(u64, ptr)
		__field(u64, size)
	),
	TP_fast_assign(
		vexfs_assign_str(what, what);
		__entry->ptr = ptr;
		__entry->size = size;
	),
	TP_printk("what=%s ptr=0x%llx size=%llu", __get_str(what), __entry->ptr,
		  __entry->size)
);

TRACE_EVENT(free,
	TP_PROTO(const char *what, u64 ptr),
	TP_ARGS(what, ptr),
	TP_STRUCT__entry(
		__string(what, what)
		__field(u64, ptr)
	),
	TP_fast_assign(
		vexfs_assign_str(what, what);
		__entry->ptr = ptr;
	),
	TP_printk("what=%s ptr=0x%llx", __get_str(what), __entry->ptr)
);

TRACE_EVENT(search,
	TP_PROTO(u64 ino, const char *metric, u32 dim, u64 count, u32 k, u64 ns),
	TP_ARGS(ino, metric, dim, count, k, ns),
	TP_STRUCT__entry(
		__field(u64, ino)
		__string(metric, metric)
		__field(u32, dim)
		__field(u64, count)
		__field(u32, k)
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->ino = ino;
		vexfs_assign_str(metric, metric);
		__entry->dim = dim;
		__entry->count = count;
		__entry->k = k;
		__entry->ns = ns;
	),
	TP_printk("ino=%llu metric=%s dim=%u count=%llu k=%u ns=%llu",
		  __entry->ino, __get_str(metric), __entry->dim, __entry->count,
		  __entry->k, __entry->ns)
);

#endif /* _VEXFS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE vexfs_trace
#include <trace/define_trace.h>
