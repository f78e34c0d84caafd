/**
 * For scripts: `tasks_of GROUP` sets `tasks` to the processes of a process group, by proc(5) /proc/PID/stat alone and without
 * a fork for each: in an emulated guest forks are what takes time.
 */
export const TASKS_OF = `group_of() { read -r line <"$1/stat" && set -- \${line##*) } && group=$3; }
tasks_of() {
  tasks=
  [ "$1" = 0 ] && return
  for task in /proc/[0-9]*; do
    group=; group_of "$task" 2>/dev/null
    [ "$group" = "$1" ] && tasks="$tasks \${task#/proc/}"
  done
}
`;
