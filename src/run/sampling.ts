import type { Control } from '../model/guest.ts';
import { runScript } from './guest-script.ts';

/**
 * Detectors that look at some accesses only are made to look at more: KCSAN sets up a watch twice as often and waits twice as long
 * there (Documentation/dev-tools/kcsan.rst), KFENCE guards an allocation twice as often (Documentation/dev-tools/kfence.rst; 0 is off,
 * and stays). Bounds keep a slow guest usable. Prints what was changed.
 */
const SCRIPT = `
change() {
	[ -w "$1" ] || return
	read -r old <"$1" && [ "$old" -gt 0 ] 2>/dev/null || return
	new=$((old $2)); [ "$new" $3 ] || return
	echo "$new" >"$1" && echo "\${1#/sys/module/} $old to $new"
}
change /sys/module/kcsan/parameters/skip_watch '/ 2' '-ge 250'
change /sys/module/kcsan/parameters/udelay_task '* 2' '-le 1000'
change /sys/module/kfence/parameters/sample_interval '/ 2' '-ge 10'
exit 0
`;

export async function raiseSampling(control: Control): Promise<string> {
  const changed = await runScript(control, 'raising the sampling', SCRIPT, [], 10_000);
  return changed === '' ? 'nothing to raise: no sampling detector below its limit' : changed.replaceAll('\n', ', ');
}
