import type { Kind } from '../model/kinds.ts';
import type { Identity, ParsedReport, ReportContext, ReportLine } from '../model/report.ts';
import { chooseTitle, type Title } from './choose-title.ts';
import { cleanTitle } from './clean-title.ts';
import { NO_STACK, stackDamage } from './corrupted.ts';
import { fingerprint } from './fingerprint.ts';
import { FORMATS } from './formats/formats.ts';
import { guiltyFile } from './guilty-file.ts';
import { refineKind } from './refine-kind.ts';
import { isBystander } from './skip-list.ts';
import { typeOf } from './types.ts';

/** Kinds for headlines that no format names. */
const KIND_OF_HEADLINE: Readonly<Record<string, Kind>> = {
  BUG: 'bug-other',
  WARNING: 'warning-other',
  INFO: 'kernel-info',
  panic: 'panic',
  slub: 'slab-corruption',
};

/** Names a report: title, type, blamed frame and file, and whether it is whole. A pure function of the report. */
export function identify(report: ParsedReport): Identity {
  const reliable = report.lines.filter((line) => !line.questionable);
  const window = report.lines.slice(0, report.windowLines).filter((line) => !line.questionable);
  const named = chooseTitle(FORMATS[report.headline] ?? [], window, {
    improve: report.profile === 'default',
    open: report.open,
  });
  const rawTitle = named && named.title !== '' ? named.title : headlineText(report, window);
  const title = cleanTitle(rawTitle);
  const altTitles = [...new Set((named?.altTitles ?? []).map(cleanTitle))];
  // Nothing is missing yet of a report that is still being read.
  const corruptedReason = report.open ? '' : damage(report, named, rawTitle, reliable);
  const frame = report.open && (!named || named.unplaced) ? '' : frameOf(title);
  const kind = kindOf(report, named);
  const context = contextOf(report, frame);
  const { fingerprint: hash, inputs } = fingerprint(kind, context.module, frame, report.sections.stacks);
  return {
    kind,
    title,
    altTitles,
    type: typeOf(title),
    frame,
    guiltyFile: guiltyFile(title, reliable),
    corrupted: corruptedReason !== '',
    corruptedReason,
    panicked: report.panicked,
    fingerprint: hash,
    fingerprintInputs: inputs,
    context,
    stacks: report.sections.stacks,
    details: detailsOf(report),
  };
}

/** The headline itself, from the words that started the report on. */
function headlineText(report: ParsedReport, window: readonly ReportLine[]): string {
  const text = window[0]?.text ?? report.lines[0]?.text ?? '';
  const at = text.indexOf(report.headlineText);
  return at < 0 ? text : text.slice(at);
}

function damage(report: ParsedReport, named: Title | null, rawTitle: string, reliable: readonly ReportLine[]): string {
  if (named && named.corrupted !== '') return named.corrupted;
  if (hasTimestamp(rawTitle)) return 'the title contains the start of another line';
  if (named?.format && !named.format.traceless) {
    const stacks = stackDamage(reliable);
    // KFENCE and KMSAN print their stacks without a title, which syzbot's parser does not know.
    if (stacks !== '' && !(report.profile === 'default' && stacks === NO_STACK && hasStack(report))) return stacks;
  }
  return report.broken;
}

function hasStack({ sections }: ParsedReport): boolean {
  return sections.stacks.some(({ frames }) => frames.length > 0);
}

/** `[ 123.456]`: another CPU's line broke in. */
function hasTimestamp(title: string): boolean {
  for (let open = title.indexOf('['); open >= 0; open = title.indexOf('[', open + 1)) {
    const close = title.indexOf(']', open);
    if (close < 0) return false;
    const inner = title.slice(open + 1, close).trim();
    const [seconds, fraction, ...more] = inner.split('.');
    if (more.length === 0 && isDigits(seconds) && isDigits(fraction)) return true;
  }
  return false;
}

function isDigits(text: string | undefined): boolean {
  return text !== undefined && text !== '' && [...text].every((char) => char >= '0' && char <= '9');
}

/** The name behind the last ` in ` of the title; of a race, the first of the two. */
function frameOf(title: string): string {
  const at = title.lastIndexOf(' in ');
  if (at < 0) return '';
  const name = title.slice(at + ' in '.length);
  if (name.startsWith('<')) return name;
  const end = name.indexOf(' ');
  return end < 0 ? name : name.slice(0, end);
}

function kindOf(report: ParsedReport, named: Title | null): Kind {
  const kind = (named?.format ?? named?.meant)?.kind;
  const found = typeof kind === 'function' ? kind(named?.fields ?? {}) : kind;
  const answer = found ?? KIND_OF_HEADLINE[report.headline] ?? 'bug-other';
  return refineKind(answer, report.sections.details);
}

/** The module of the blamed frame, else of the instruction pointer, else of the first frame that lies in one. */
function contextOf(report: ParsedReport, frame: string): ReportContext {
  const { context, stacks, details } = report.sections;
  const frames = stacks.flatMap((stack) => stack.frames);
  const trap = details.trap as { readonly module?: string } | undefined;
  const module =
    frames.find((f) => f.fn === frame)?.module ??
    report.lines.find(({ fields }) => fields.fn === frame && fields.module !== undefined)?.fields.module ??
    trap?.module ??
    stacks[0]?.frames.find((f) => f.reliable && !isBystander(f.fn))?.module;
  return { ...context, ...(module !== undefined && { module }) };
}

function detailsOf(report: ParsedReport): Readonly<Record<string, unknown>> {
  const { details, registers, modules, locks, tasks } = report.sections;
  return {
    ...details,
    ...(Object.keys(registers).length > 0 && { registers }),
    ...(modules.length > 0 && { modules }),
    ...(locks.length > 0 && { locks }),
    ...(tasks.length > 0 && { tasks }),
    ...(report.echoes.length > 0 && { echoes: report.echoes }),
    ...(report.lost !== 0 && { lost: report.lost }),
    ...(report.replays > 0 && { replays: report.replays }),
  };
}
