import { ExpectedError } from '../base/errors.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import type { Control } from '../model/guest.ts';
import { runScript } from './guest-script.ts';

/**
 * What a module may leave behind when it is unloaded: itself, its filesystem type, slab caches, entries of debugfs and procfs, kernel
 * threads. Slab caches go a grace period later, so that this looks a few times. A line for each that is left.
 */
const SCRIPT = `
name=$1 fstype=$2
look() {
	[ -e "/sys/module/$name" ] && echo "module $name"
	grep -qw "$fstype" /proc/filesystems && echo "filesystem $fstype"
	for at in /sys/kernel/slab/"$name" /sys/kernel/slab/"$name"[_-]*; do [ -e "$at" ] && echo "cache \${at##*/}"; done
	for at in /sys/kernel/debug/"$name" /proc/fs/"$name"; do [ -e "$at" ] && echo "entry $at"; done
	for at in /proc/[0-9]*; do
		read -r _ comm _ ppid _ <"$at/stat" 2>/dev/null || continue
		case "$ppid $comm" in "2 ($name)" | "2 ($name"[_/-]*) echo "thread \${at#/proc/} $comm" ;; esac
	done
}
for i in 1 2 3 4 5; do
	left=$(look)
	[ -z "$left" ] && exit 0
	sleep 0.2
done
echo "$left"
`;

/** Fails when something of an unloaded module is left. */
export async function checkLeftovers(control: Control, { name, fstype }: ModuleUnderTest): Promise<void> {
  const left = await runScript(control, 'looking for leftovers', SCRIPT, [name, fstype], 15_000);
  if (left !== '')
    throw new ExpectedError('guest', `${name} is unloaded and leaves ${left.split('\n').slice(0, 5).join(', ')}`);
}
