import type { Act, VexfsEvent } from '../model/trace.ts';
import { KernelActs } from './acts-kernel.ts';
import { vexfsAct } from './acts-vexfs.ts';
import { TextPool } from './text-pool.ts';
import { TraceAnalysis, type TraceVerdict } from './trace-analysis.ts';
import type { TraceEvent, TraceGap } from './trace-input.ts';
import { TraceOrder } from './trace-order.ts';

type Record =
  | ({ readonly kind: 'event' } & TraceEvent)
  | ({ readonly kind: 'lost' } & TraceGap)
  | { readonly kind: 'stack' | 'header' | 'text' };
interface Splitter {
  push(bytes: Uint8Array, each: (record: Record) => void): void;
  flush(each: (record: Record) => void): void;
}

/** What reads a trace is given, as analyses know no grammar. The result: verdicts and summary of a trace as the tracer prints it, a part for each boot. */
export const analyserOf =
  (createSplitter: () => Splitter, vexfsEvent: (record: TraceEvent) => VexfsEvent | null) =>
  (trace: Uint8Array | readonly Uint8Array[], corroborate: readonly (readonly string[])[] = []) => {
    const analysis = new TraceAnalysis();
    const texts = new TextPool();
    const kernel = new KernelActs(texts);
    const verdicts: TraceVerdict[] = [];
    for (const functions of corroborate) analysis.corroborate(functions);
    const order = new TraceOrder<Act>({
      onItem: (act) => verdicts.push(...analysis.act(act)),
      onGap: (gap, ends) => analysis.gap(gap, ends),
      onDisorder: (cpu) => analysis.gap({ cpu, lost: null }),
    });
    const each = (record: Record) => {
      if (record.kind === 'lost') {
        kernel.gap();
        order.gap(record);
      }
      if (record.kind !== 'event' || record.time === null) return;
      const module = vexfsEvent(record);
      const act = module === null ? kernel.act(record) : vexfsAct(record, module, texts);
      if (act === null) order.reach(record.cpu, record.time);
      else order.push(record.cpu, record.time, act);
    };
    const splitter = createSplitter();
    for (const [boot, bytes] of (trace instanceof Uint8Array ? [trace] : trace).entries()) {
      if (boot > 0) {
        order.reset();
        analysis.reset();
      }
      splitter.push(bytes, each);
      splitter.flush(each);
      order.flush();
      verdicts.push(...analysis.end());
    }
    return { verdicts, told: verdicts.map(textOf), summary: analysis.summary() };
  };

/** `race B s.x`, `order a b`, `softirq a`, `sleep a`. */
function textOf(verdict: TraceVerdict): string {
  switch (verdict.kind) {
    case 'race':
      return `race ${verdict.race.tier} ${verdict.race.object}.${verdict.race.member}`;
    case 'order':
      return `order ${verdict.order.classes.join(' ')}`;
    case 'interrupt': {
      const { interrupt, inside, outside } = verdict.interrupt;
      return `${interrupt} ${inside.class}${inside.class === outside.class ? '' : ` ${outside.class}`}`;
    }
    case 'sleep':
      return `sleep ${verdict.sleep.act.class}`;
  }
}

/**
 * A trace from a script of a line an event: `task cpu what`, `task` a pid, with `s` or `h` behind it in an interrupt; events are ten
 * microseconds apart unless a line says `wait SECONDS`. `what`: `+a` take mutex a (`+a:R` for reading, `+*a` a spinlock, `?a` by
 * trylock), `-a`, `begin`, `end`, `w s.x` and `r s.x` (`W` and `R` marked), `alloc s`, `free s`, `lost`, or an event as it is printed.
 */
export function script(lines: string): Buffer {
  let time = 10;
  const out: string[] = [];
  const depth = new Map<string, number>();
  for (const line of lines
    .split('\n')
    .map((each) => each.trim())
    .filter(Boolean)) {
    const [task = '', cpu = '', ...what] = line.split(' ');
    if (task === 'wait') {
      time += Number(cpu);
      continue;
    }
    for (const event of eventsOf(what.join(' '))) {
      time += 1e-5;
      if (event === 'lost') {
        out.push(`CPU:${cpu} [LOST EVENTS]`);
        continue;
      }
      const raises = event.startsWith('^') ? 1 : event.startsWith('v') ? -1 : 0;
      const now = depth.get(task) ?? 0;
      const level = now + (raises > 0 ? 1 : 0);
      depth.set(task, now + raises);
      const context = /[sh]$/.exec(task)?.[0] ?? '.';
      const flags = `${context === 'h' ? 'd' : '.'}.${context}${level === 0 ? '.' : level}.`;
      const pid = task.replace(/[sh]$/, '');
      const comm = Number(pid) >= 900 ? `kdaemon/${pid}` : `t${pid}`;
      out.push(
        `${comm.padStart(16)}-${pid.padEnd(7)} [00${cpu}] ${flags}  ${time.toFixed(6)}: ${event.replace(/^[\^v]/, '')}`,
      );
    }
  }
  return Buffer.from(`${out.join('\n')}\n`);
}

function eventsOf(what: string): string[] {
  const [verb = '', name = ''] = what.split(' ');
  const lock = /^([+?-])(\*?)(\w+)(?::([RWX]))?(?:#(\d))?$/.exec(what);
  if (lock !== null) {
    const [, sign, spin, name = '', mode = 'X', instance = '0'] = lock;
    const rest = `class=${name} mode=${mode} lock=0xffff8880${hash(name)}${instance}00 ip=use_${name}+0x1/0x2 [m]`;
    if (sign === '-') return [`${spin && 'v'}lock_release: ${rest}`];
    if (sign === '?') return [`${spin && '^'}lock_acquired: ${rest}`];
    return [`lock_attempt: ${rest}`, `${spin && '^'}lock_acquired: ${rest}`];
  }
  const [object = '', member = ''] = name.split('.');
  const base = `0xffff8881${hash(object)}0`;
  switch (verb) {
    case 'begin':
      return ['op_begin: op=write sb=m ino=1 id=1'];
    case 'end':
      return ['op_end: op=write sb=m ino=1 id=1 ret=0 ns=1'];
    case 'alloc':
      return [`alloc: what=${object} ptr=${base}00 size=256`];
    case 'free':
      return [`free: what=${object} ptr=${base}00`];
    case 'w':
    case 'r':
    case 'W':
    case 'R': {
      const address = `${base}${(member.charCodeAt(0) % 16).toString(16)}0`;
      const write = verb.toLowerCase() === 'w' ? 1 : 0;
      const marked = verb === verb.toUpperCase() ? 1 : 0;
      return [
        `mem_access: object=${object} addr=${address} member=${member} size=8 write=${write} marked=${marked} ip=${write ? 'put' : 'get'}_${member}+0x1/0x2 [m]`,
      ];
    }
    default:
      return [what];
  }
}

/** Five hexadecimal digits of a name. */
function hash(name: string): string {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + char.charCodeAt(0)) % 0xfffff;
  return sum.toString(16).padStart(5, '0');
}
