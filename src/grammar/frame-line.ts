import type { ReportLine } from '../model/report.ts';
import type { Frame } from '../model/stack.ts';
import { NO_SIZE } from './symbolized.ts';

/** The frame that a frame or instruction pointer line names; ARM's old form names the callee of its own. */
export function frameOf(line: ReportLine): Frame | null {
  const { fn, offset, size, module, file, line: number } = line.fields;
  if (fn === undefined) return null;
  return {
    fn: withoutSuffix(fn),
    ...(offset !== undefined && size !== NO_SIZE && { offset }),
    ...(size !== undefined && size !== NO_SIZE && { size }),
    ...(module !== undefined && { module }),
    reliable: !line.questionable && line.fields.guess === undefined,
    ...(file !== undefined && { file }),
    ...(number !== undefined && { line: Number(number) }),
    ...(line.kind === 'frame-inlined' && { inlined: true }),
  };
}

/** `foo.isra.0`, `foo.cold`: what compilers append to a name. */
function withoutSuffix(name: string): string {
  const dot = name.indexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
