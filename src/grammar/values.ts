/** What the names of groups in the tables hold, besides text. One name means one thing in all tables. */
const NAMES: Readonly<Record<Exclude<Type, 'text'>, string>> = {
  int: `active activeState anonRssKb assumed bank begin behind block callbacks cpu debugLocks detectedBy distance dividend end errno exponent
    failures fileRssKb fqs free freeKb gracePeriod highKb inAtomic index inode irqsDisabled jiffies late left length level limitKb
    interval locksAfter locksBefore lowKb mapcount minKb ncpus negative nice node nonBlock number objects of offset oomScoreAdj order
    ownerCpu ownerPid pages pgtablesKb pid pool probability rcuAfter rcuBefore rcuDepth rcuExpected recorded refcount requires right schedulerActive
    seconds sector shmemRssKb signal size slabs slot socket space stamp starved ticks times totalVmKb uid usageCount usageKb used value vendor
    victimPid victimUid width workers`,
  float: 'ago',
  hex: `address after anonVma apic before changed entry errorCode exitCode expected faultStatus flags found fp from gfp ip lockMagic mapped
    mappedSize mapping mask mcgStatus microcode misc pfn pmd preempt preemptCount preemptExpected processor pte reasonCode row signalCode sp stackEnd
    stackStart status struct taskState teid to tsc userAddress vmFlags`,
  word: 'access attempt lockKind relation side',
  list: 'accessFlags flagNames gfpFlags',
  words: 'oopsFlags stalled',
  pids: 'blockedTasks',
  flag: 'expedited ioWait unknownOrigin',
};

type Type = 'int' | 'float' | 'hex' | 'word' | 'list' | 'words' | 'pids' | 'flag' | 'text';

const TYPE_OF = new Map<string, Type>(
  Object.entries(NAMES).flatMap(([type, names]) => names.split(/\s+/).map((name) => [name, type as Type] as const)),
);

/** The value of a field: a number where one is meant and can be held, `0x…` in lower case for what the kernel prints in hexadecimal. */
function read(name: string, text: string): unknown {
  return READ[TYPE_OF.get(name) ?? 'text'](text);
}

const READ: Readonly<Record<Type, (text: string) => unknown>> = {
  int: (text) => {
    const number = Number(text);
    return text !== '' && Number.isSafeInteger(number) && !text.startsWith('0x') ? number : text;
  },
  float: (text) => (Number.isFinite(Number(text)) ? Number(text) : text),
  hex: hexOf,
  word: (text) => text.trim().toLowerCase(),
  list: (text) =>
    text
      .split(/[|,]/)
      .map((part) => part.trim())
      .filter(Boolean),
  words: (text) => text.split(' ').filter(Boolean),
  pids: (text) => [...text.matchAll(/P(\d+)/g)].map((m) => Number(m[1])),
  flag: () => true,
  text: (text) => text,
};

/** Names that are not text. */
export const TYPED_NAMES: readonly string[] = [...TYPE_OF.keys()];

/** `0x` and the digits as the kernel printed them, in lower case: zeros in front say how wide the value is. */
export function hexOf(text: string): string {
  return `0x${(text.startsWith('0x') ? text.slice(2) : text).toLowerCase()}`;
}

/** Fields with their values. */
export function valuesOf(fields: Readonly<Record<string, string>>, leaveOut?: ReadonlySet<string>): Facts {
  const out: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(fields)) if (!leaveOut?.has(name)) out[name] = read(name, text);
  return out;
}

export type Facts = Readonly<Record<string, unknown>>;
