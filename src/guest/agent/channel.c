// SPDX-License-Identifier: Apache-2.0
/*
 * The control channel: lines in, queued messages out, never blocking. A virtio port without a host is
 * always "ready" with POLLHUP, so while the host is away the port is left out of poll() and looked at
 * every 100 ms instead.
 */
#include "channel.h"
#include "ports.h"
#include "queue.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static struct {
	const char *path;
	line_fn on_line;
	greet_fn greet;
	int in, out;
	bool standard, keep_open; /* stdin and stdout; a port that stays open while the host is away */
	bool up, ended;
	bool out_closed, mid_line;
	int64_t retry;
	struct buf greeting;
	size_t greeting_sent;
	size_t have;
	bool skipping; /* the rest of a line that was too long */
} ch = { .in = -1, .out = -1 };

static char line[LINE_LIMIT + 1];

static void set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void channel_init(const char *path, line_fn on_line, greet_fn greet)
{
	ch.path = path;
	ch.on_line = on_line;
	ch.greet = greet;
	if (strcmp(path, "-") != 0)
		return;
	ch.standard = true;
	ch.in = STDIN_FILENO;
	ch.out = STDOUT_FILENO;
	set_nonblock(ch.in);
	set_nonblock(ch.out);
}

static int open_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_device(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios t;

	if (fd >= 0 && tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t); /* no echo, and no limit to the length of lines */
		tcsetattr(fd, TCSANOW, &t);
	}
	return fd;
}

static bool open_channel(void)
{
	static const char ports[] = "/dev/virtio-ports/";
	const char *path = ch.path;
	char device[PATH_MAX];
	struct stat st;

	if (strncmp(path, ports, strlen(ports)) == 0 && port_name_ok(path + strlen(ports)))
		path = port_device(device, path + strlen(ports));
	if (stat(path, &st) != 0)
		return false;
	ch.in = ch.out = S_ISSOCK(st.st_mode) ? open_socket(path) : open_device(path);
	ch.keep_open = S_ISCHR(st.st_mode) && ch.in >= 0 && !isatty(ch.in);
	return ch.in >= 0;
}

/* A new host: end the line that may be half sent, and greet before anything else. */
static void go_up(void)
{
	ch.up = true;
	ch.have = 0;
	ch.skipping = false;
	ch.greeting.len = 0;
	ch.greeting_sent = 0;
	if (ch.keep_open || ch.mid_line)
		buf_add(&ch.greeting, "\n", 1);
	ch.mid_line = false;
	ch.greet(&ch.greeting);
}

static void go_down(int64_t now)
{
	ch.up = false;
	if (ch.standard) {
		ch.ended = true;
		return;
	}
	ch.mid_line = true;
	queue_rewind();
	if (!ch.keep_open && ch.in >= 0) {
		close(ch.in);
		ch.in = ch.out = -1;
	}
	ch.retry = now + CHANNEL_RETRY_MS;
}

static void try_up(int64_t now)
{
	struct pollfd p;

	ch.retry = now + CHANNEL_RETRY_MS;
	if (ch.in < 0 && !open_channel())
		return;
	p = (struct pollfd){ .fd = ch.in, .events = POLLIN };
	if (poll(&p, 1, 0) < 0)
		return;
	if (!ch.standard && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) && !(p.revents & POLLIN)) {
		if (!ch.keep_open) {
			close(ch.in);
			ch.in = ch.out = -1;
		}
		return;
	}
	go_up();
}

/* Hand out the complete lines in the buffer, of which bytes from `seen` on are new. */
static void split_lines(size_t seen)
{
	size_t start = 0;
	char *end;

	while ((end = memchr(line + seen, '\n', ch.have - seen))) {
		size_t at = (size_t)(end - line);

		if (ch.skipping)
			ch.skipping = false;
		else
			ch.on_line(line + start, at - start);
		start = seen = at + 1;
	}
	memmove(line, line + start, ch.have - start);
	ch.have -= start;
	if (ch.skipping) {
		ch.have = 0;
	} else if (ch.have > LINE_LIMIT) {
		ch.on_line(NULL, 0);
		ch.skipping = true;
		ch.have = 0;
	}
}

static void read_input(int64_t now)
{
	size_t room = sizeof(line) - ch.have, seen = ch.have;
	ssize_t n = read(ch.in, line + ch.have, room < 65536 ? room : 65536);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		if (n < 0 && errno == ENODEV)
			ch.keep_open = false; /* unplugged: the next one is another device */
		if (ch.standard && n == 0)
			ch.ended = true;
		else
			go_down(now);
		return;
	}
	ch.have += (size_t)n;
	split_lines(seen);
}

int channel_fill_poll(struct pollfd *p)
{
	const char *data;
	bool output = ch.greeting_sent < ch.greeting.len || queue_peek(&data) > 0;
	int n = 0;

	if (!ch.up)
		return 0;
	/* While answers pile up no more commands are taken. */
	if (!ch.ended && queue_bytes() <= QUEUE_LIMIT)
		p[n++] = (struct pollfd){ .fd = ch.in, .events = POLLIN };
	if (output && !ch.out_closed)
		p[n++] = (struct pollfd){ .fd = ch.out, .events = POLLOUT };
	return n;
}

void channel_handle(const struct pollfd *p, int n, int64_t now)
{
	if (!ch.up) {
		if (!ch.ended && now >= ch.retry)
			try_up(now);
		return;
	}
	for (int i = 0; i < n && ch.up; i++) {
		if (p[i].events == POLLIN && p[i].revents)
			read_input(now);
		else if (n == 1 && (p[i].revents & (POLLHUP | POLLERR | POLLNVAL)))
			go_down(now); /* input is held back, so no read will tell */
	}
}

/* Write once; false when no more can be written now. */
static bool write_some(const char *data, size_t len, size_t *done, int64_t now)
{
	ssize_t n = write(ch.out, data, len);

	*done = n > 0 ? (size_t)n : 0;
	if (n >= 0 || errno == EINTR)
		return n > 0;
	if (errno != EAGAIN) {
		ch.out_closed = ch.standard;
		go_down(now);
	}
	return false;
}

void channel_flush(int64_t now)
{
	const char *data;
	size_t len, done;

	while (ch.up && ch.greeting_sent < ch.greeting.len) {
		if (!write_some(ch.greeting.p + ch.greeting_sent, ch.greeting.len - ch.greeting_sent, &done, now))
			return;
		ch.greeting_sent += done;
	}
	while (ch.up && (len = queue_peek(&data)) > 0) {
		if (!write_some(data, len, &done, now))
			return;
		queue_advance(done);
	}
}

int64_t channel_deadline(void)
{
	return ch.up || ch.ended ? INT64_MAX : ch.retry;
}

bool channel_up(void)
{
	return ch.up;
}

bool channel_ended(void)
{
	return ch.ended;
}
