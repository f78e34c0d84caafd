#!/bin/busybox sh
# PID 1 of a guest: mounts what the tool needs, loads the drivers, keeps the agent alive.
# It must never run a command that can oops: when PID 1 dies the kernel panics.
export PATH=/bin:/sbin:/tools/bin LD_LIBRARY_PATH=/tools/lib
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs tmpfs /tmp
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
while read -r module parameters; do
	# shellcheck disable=SC2086 # one word a parameter
	insmod "/lib/modules/$module" $parameters 2>/dev/null
done </lib/guest-modules
if grep -q guest_tools= /proc/cmdline; then
	mount -o ro -t ext4 /dev/vda /tools && ln -s /tools/lib/ld-linux-x86-64.so.2 /lib64/
fi
disk=$(sed -n 's/.*guest_breakable=\([^ ]*\).*/\1/p' /proc/cmdline)
if [ -n "$disk" ]; then
	# A device between the disk and its filesystem, so that the disk can break: src/fault/device-rows.ts.
	echo "0 $(blockdev --getsz "$disk") linear $disk 0" | DM_DISABLE_UDEV=1 dmsetup create vexfs-fault ||
		{ mkdir -p /dev/mapper && ln -s "$disk" /dev/mapper/vexfs-fault; }
fi
if grep -q guest_net= /proc/cmdline; then
	# What QEMU's own network gives to its one guest (qemu(1), -netdev user).
	ip link set lo up
	ip addr add 10.0.2.15/24 dev eth0
	ip link set eth0 up
	ip route add default via 10.0.2.2
fi
ulimit -c 0
keep_agent() {
	while :; do
		/bin/vexfs-agent --port /dev/virtio-ports/vexfs.control >/dev/console 2>&1 </dev/null
		sleep 1
	done
}
if grep -q guest_shell=1 /proc/cmdline; then
	# In a session of its own for job control, and not in the background, where a shell has SIGINT ignored for good.
	keep_agent &
	console=/dev/$(sed 's/.* //' /sys/class/tty/console/active)
	while :; do
		setsid -c sh -l <"$console" >"$console" 2>&1
		sleep 1
	done
fi
keep_agent
