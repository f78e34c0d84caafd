/* SPDX-License-Identifier: GPL-2.0 */
/* The vector commands of vexload. */
#ifndef VEXLOAD_CLI_H
#define VEXLOAD_CLI_H

#include "vexload-vec.h"

/* "1,-2,3" to components; 0 when it is none. */
static uint32_t parse_vector(const char *text, int32_t *v)
{
	uint32_t dim = 0;
	char *end;

	for (;;) {
		long long x = strtoll(text, &end, 0);

		if (end == text || x < INT32_MIN || x > INT32_MAX || dim == VEXFS_MAX_DIM)
			return 0;
		v[dim++] = x;
		if (!*end)
			return dim;
		if (*end != ',')
			return 0;
		text = end + 1;
	}
}

static int vector_failed(const char *what)
{
	fprintf(stderr, "vexload: %s: %s\n", what, strerror(errno));
	return EXIT_WRONG;
}

static int vector_add(int fd, int argc, char **argv, uint32_t format)
{
	int32_t v[VEXFS_MAX_DIM];
	uint64_t id;

	for (int i = 0; i < argc; i++) {
		uint32_t dim = parse_vector(argv[i], v);

		if (!dim)
			return usage();
		if (vec_add(fd, dim, 1, format, v, &id))
			return vector_failed("add");
		printf("{\"id\":%" PRIu64 ",\"dim\":%u}\n", id, dim);
	}
	return EXIT_RIGHT;
}

static int vector_search(int fd, const char *text, uint32_t metric, uint32_t k)
{
	static struct vexfs_hit hits[VEXFS_MAX_K];
	int32_t v[VEXFS_MAX_DIM];
	uint32_t dim = parse_vector(text, v);
	int n;

	if (!dim || k > VEXFS_MAX_K)
		return usage();
	n = vec_search(fd, metric, dim, v, k, hits);
	if (n < 0)
		return vector_failed("search");
	for (int i = 0; i < n; i++) {
		printf("{\"id\":%" PRIu64 ",\"score\":", (uint64_t)hits[i].id);
		if (metric == VEXFS_METRIC_L2)
			printf("%" PRIu64 "}\n", (uint64_t)hits[i].score);
		else
			printf("%" PRId64 "}\n", (int64_t)hits[i].score);
	}
	return EXIT_RIGHT;
}

static int vector_stats(int fd)
{
	struct vexfs_stats s;

	if (ioctl(fd, VEXFS_IOC_GET_STATS, &s))
		return vector_failed("stats");
#define F(name) "\"" #name "\":%" PRIu64
	printf("{" F(dim) "," F(format) "," F(count) "," F(bytes) "," F(fs_size) ","
	       F(fs_used) "," F(fs_inodes) "," F(fs_vectors) "," F(ops) "," F(errors) ","
	       F(bytes_read) "," F(bytes_written) "," F(searches) "," F(search_ns) "}\n",
	       (uint64_t)s.dim, (uint64_t)s.format, (uint64_t)s.count, (uint64_t)s.bytes,
	       (uint64_t)s.fs_size, (uint64_t)s.fs_used, (uint64_t)s.fs_inodes,
	       (uint64_t)s.fs_vectors, (uint64_t)s.ops, (uint64_t)s.errors,
	       (uint64_t)s.bytes_read, (uint64_t)s.bytes_written,
	       (uint64_t)s.searches, (uint64_t)s.search_ns);
#undef F
	return EXIT_RIGHT;
}

static int vector_command(const char *command, const char *file, int argc, char **argv)
{
	static const struct option options[] = {
		{ "q16", 0, NULL, 'q' }, { "metric", 1, NULL, 'm' },
		{ "k", 1, NULL, 'k' }, { 0 },
	};
	static const char * const metrics[] = { "l2", "cosine", "dot" };
	uint32_t format = VEXFS_FORMAT_INT, metric = 0, k = 5;
	bool adds = !strcmp(command, "add");
	int c, fd, ret;

	/* A vector that begins with a minus sign goes after "--". */
	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case 'q': format = VEXFS_FORMAT_Q16_16; break;
		case 'k': k = strtoul(optarg, NULL, 0); break;
		case 'm':
			for (metric = 0; metric < 3 && strcmp(optarg, metrics[metric]); metric++)
				;
			if (metric < 3)
				break;
			/* fallthrough */
		default: return usage();
		}
	}
	argc -= optind;
	argv += optind;
	fd = open(file, adds ? O_RDWR | O_CREAT : O_RDONLY, 0600);
	if (fd < 0)
		return vector_failed(file);
	if (!vec_supported(fd)) {
		fprintf(stderr, "vexload: %s: no vector ioctls on this filesystem\n", file);
		ret = EXIT_WRONG;
	} else if (adds && argc) {
		ret = vector_add(fd, argc, argv, format);
	} else if (!strcmp(command, "search") && argc == 1) {
		ret = vector_search(fd, argv[0], metric, k);
	} else if (!strcmp(command, "stats") && !argc) {
		ret = vector_stats(fd);
	} else {
		ret = usage();
	}
	close(fd);
	return ret;
}

#endif
