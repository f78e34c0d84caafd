/**
 * What a joined machine runs for us, as shell scripts for any POSIX sh (dash, bash, busybox). They are constants: data
 * comes to them by stdin alone. Each prints one line `vexfs-trace WORD …` and then the raw stream, and ends with its
 * stdin, so that a lost connection or a killed tool leaves nothing behind. No single quotes: `shellCommand` adds them.
 */

/**
 * Fd 4 is the tool's end. When it closes, `$$` gets a TERM, whose trap ends the reader. A reader runs in the background
 * because a shell runs its traps during `wait`, not during a command. `$!` is for a trap between `&` and `reader=$!`,
 * KILL for a child that still has its parent's trap and would swallow a TERM.
 */
const ENDS_WITH_STDIN = `
reader= watch=
end() {
  trap "" TERM HUP INT PIPE
  kill -KILL $! $reader $watch
  wait
  tidy
  exit 0
} 2>/dev/null
watch_stdin() {
  { cat <&4 >/dev/null 2>&1; kill $$; } &
  watch=$!
}
trap end TERM HUP INT PIPE
exec 4<&0 </dev/null
`;

/**
 * The kernel log: `vexfs-trace kmsg RELEASE UPTIME LAST` or `… dmesg …`, LAST being the newest line before the stream,
 * or `vexfs-trace none USER`. Each read(2) of /dev/kmsg gives one record of at most 8 KiB and fails with EPIPE when
 * records were overwritten unread (Documentation/ABI/testing/dev-kmsg): then dd ends and its successor reads on from the
 * same open file. dd would end with 1 for that alone; anything else is the end.
 */
export const KMSG_SCRIPT = `${ENDS_WITH_STDIN}
tidy() { :; }
about() {
  read -r uptime _ </proc/uptime
  echo "vexfs-trace $1 $(uname -r) $uptime $(dmesg -r 2>/dev/null | tail -n 1)"
}
if (exec 3</dev/kmsg) 2>/dev/null; then
  about kmsg
  exec 3</dev/kmsg
  watch_stdin
  while :; do
    dd bs=8192 <&3 2>/dev/null &
    reader=$!
    wait $reader
    [ $? = 1 ] || end
  done
elif dmesg >/dev/null 2>&1; then
  about dmesg
  watch_stdin
  dmesg -r --follow &
  reader=$!
  wait $reader
else
  echo "vexfs-trace none $(id -un)"
fi
end
`;

/**
 * Trace events of an ftrace instance of our own: `vexfs-trace ftrace EVENTS`, or `vexfs-trace none REASON`. Stdin gives
 * shell patterns of folders below events/, one a line, then an empty line. The instance carries the shell's pid and start
 * time (field 22 of proc(5) stat) in its name; those of dead shells are removed first.
 */
export const FTRACE_SCRIPT = `${ENDS_WITH_STDIN}
dir=
tidy() {
  [ -n "$dir" ] || return
  echo 0 >$dir/tracing_on
  rmdir $dir
}
none() {
  echo "vexfs-trace none $1"
  end
}
started() { sed "s/.*) //" "/proc/$1/stat" 2>/dev/null | cut -d " " -f 20; }
set_to() { echo "$2" >"$dir/$1"; } 2>/dev/null
for root in /sys/kernel/tracing /sys/kernel/debug/tracing none; do
  [ -d $root/instances ] && break
done
[ $root != none ] || none "tracefs is not mounted or may not be read by $(id -un)"
for old in $root/instances/vexfs-trace-*; do
  owner=\${old##*/vexfs-trace-}
  [ "$(started "\${owner%%-*}")" = "\${owner##*-}" ] || rmdir "$old" 2>/dev/null
done
new=$root/instances/vexfs-trace-$$-$(started $$)
mkdir "$new" 2>/dev/null || none "$(id -un) may not make an instance in $root"
dir=$new
set_to trace_clock mono
set_to buffer_size_kb 4096
set_to options/hash-ptr 0
events=0
IFS=
while read -r pattern <&4 && [ -n "$pattern" ]; do
  for file in $dir/events/$pattern/enable; do
    set_to "\${file#$dir/}" 1 && events=$((events + 1))
  done
done
[ $events != 0 ] || none "no such trace event"
echo "vexfs-trace ftrace $events"
watch_stdin
cat $dir/trace_pipe &
reader=$!
wait $reader
end
`;

/** A script as one command for a login shell, whatever shell that is. */
export function shellCommand(script: string): string {
  return `exec sh -c '${script}'`;
}
