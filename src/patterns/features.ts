import type { Unmatched } from './subject.ts';

const STACKS = 2;
const FRAMES = 6;

/** Which features count: `frames` leaves out what names the kind of the report, so that it shows what the rest says. */
export type FeatureSet = 'all' | 'frames';

/**
 * What a crash is compared by, as words: kind and type, words of the title, functions near the top of its first stacks, module and
 * the like. Function names count wherever they stand, and once more at the very top.
 */
export function featuresOf(finding: Unmatched, set: FeatureSet = 'all'): string[] {
  const { kind, event, type, title, frame, context, stacks, panicked, corrupted } = finding;
  const own = stacks.slice(0, STACKS).flatMap(({ role, frames }) => {
    const functions = frames.filter(({ reliable }) => reliable).slice(0, FRAMES);
    return [`role:${role}`, ...functions.flatMap(({ fn }, i) => (i < 2 ? [`fn:${fn}`, `top:${fn}`] : [`fn:${fn}`]))];
  });
  const named = set === 'frames' ? [] : [`kind:${kind}`, `event:${event}`, `type:${type}`, ...titleWords(title, frame)];
  const around = [
    ...(context.module === undefined ? [] : ['in-module']),
    ...(panicked ? ['panicked'] : []),
    ...(corrupted ? ['corrupted'] : []),
  ];
  return [...new Set([...named, ...around, ...own])];
}

/** The title without the function that it blames. */
export function titlePrefix(title: string): string {
  return title.split(' in ')[0] ?? title;
}

function titleWords(title: string, frame: string): string[] {
  const words = titlePrefix(title)
    .toLowerCase()
    .split(/[^a-z0-9_-]+/);
  return words.filter((word) => word.length > 2 && word !== frame).map((word) => `word:${word}`);
}
