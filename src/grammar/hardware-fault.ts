import { put } from './details.ts';
import { type Facts, hexOf } from './values.ts';

const ENTRY = /\b(PGD|P4D|PUD|PMD|PTE|AS|R1|R2|R3|S|P|\*?p[g4um]d|\*?pp?te)[ :=]{1,3}([0-9a-f]{1,16})\b/g;
const MAX_ENTRIES = 8;

/** The walk through the page tables: `PGD 0 P4D 0` (x86), `[…] pgd=…, p4d=…` (arm64), `[…] *pgd=…` (arm), `AS:… R3:…` (s390). */
export function readPageTable(text: string): Facts {
  const entries: Record<string, string> = {};
  for (const [, name, value] of [...text.matchAll(ENTRY)].slice(0, MAX_ENTRIES)) {
    entries[(name ?? '').replace('*', '').toLowerCase()] ??= hexOf(value ?? '');
  }
  return Object.keys(entries).length > 0 ? { pageTable: entries } : {};
}

const PAIR = /^ *([A-Za-z0-9 ]{2,14}?) = ([^,]*(?:\([^)]*\))?)/;
/** `DABT (current EL), IL = 32 bits`: pairs are told apart by a comma and a name. */
const NEXT = /,(?= ?[A-Za-z0-9]+(?: size)? = )/;

/** `  ESR = 0x…`, `  CM = 0, WnR = 1`: the syndrome of an abort (arch/arm64/mm/fault.c mem_abort_decode), by the names of the architecture. */
export function readAbort(text: string, details: Record<string, unknown>): void {
  for (const part of text.split(NEXT).slice(0, MAX_ENTRIES)) {
    const m = PAIR.exec(part);
    if (!m) continue;
    const name = (m[1] ?? '').trim();
    const value = (m[2] ?? '').trim();
    put(details, 'abort', { [name]: value });
    if (name === 'WnR') details.access ??= value === '1' ? 'write' : 'read';
  }
}
