import type { Control } from '../model/guest.ts';
import { runScript } from './guest-script.ts';
import { GUEST_PATHS } from './prepare.ts';

/**
 * Kills the user tasks that use the mounted filesystem or sleep in the kernel without an end; kernel threads have no executable, and
 * the tool's own programs are spared. A task in state D dies when it wakes. Prints how many were killed, and which are still there.
 */
const SCRIPT = `
users=$(fuser -m "$1" 2>/dev/null)
for at in /proc/[0-9]*; do
	pid=\${at#/proc/}
	read -r _ comm state _ <"$at/stat" 2>/dev/null || continue
	case "$pid" in 1 | $$) continue ;; esac
	case "$comm" in "(vexfs-agent)" | "(vexfs-trace-str)" | "(bpftrace)") [ "$state" = D ] || continue ;; esac
	readlink "$at/exe" >/dev/null 2>&1 || continue
	case " $users " in *" $pid "*) ;; *) [ "$state" = D ] || continue ;; esac
	kill -9 "$pid" 2>/dev/null && killed="$killed $pid"
done
for i in 1 2 3 4 5 6 7 8 9 10; do
	left=
	for pid in $killed; do
		read -r _ _ state _ <"/proc/$pid/stat" 2>/dev/null && [ "$state" != Z ] && left="$left $pid ($state)"
	done
	[ -z "$left" ] && break
	sleep 0.2
done
set -- $killed
echo "$# killed\${left:+, still there:$left}"
`;

/** Ends what holds on to the filesystem. One line: what became of it. */
export function endTasks(control: Control): Promise<string> {
  return runScript(control, 'ending tasks', SCRIPT, [GUEST_PATHS.mount], 12_000);
}
