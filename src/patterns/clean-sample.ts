/**
 * Takes out of an excerpt what says where it comes from and nothing of the failure: addresses of this one boot, names of hosts and
 * people, network addresses, the machine. Lines and columns stay as they are to read, and the same thing gets the same name throughout.
 */
export function cleanSample(text: string): string {
  const addresses = new Map<string, string>();
  const renamed = text
    .replaceAll(ESCAPES, '')
    .replaceAll(CONTROLS, '')
    // Kernel pointers, with four and five levels of page tables: the page is made up, the place within it is kept. Poison and error codes are no pointers.
    .replaceAll(/\b(?:ffff[89a-e][0-9a-f]{11}|ff(?!ff)[0-9a-f]{14})\b/g, (address) => pseudonym(addresses, address));
  return RULES.reduce((cleaned, [what, into]) => cleaned.replaceAll(what, into), renamed);
}

/** Colours and cursor of a terminal, and what else no reader of an excerpt should meet; of line ends LF stays. */
const ESCAPES = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

const RULES: readonly (readonly [what: RegExp, into: string])[] = [
  // journalctl, syslog: `Nov 21 09:34:02 name kernel:`, `2026-11-21T09:34:02+01:00 name kernel:`
  [/^((?:<\d+>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:.]+|\d{4}-\d\d-\d\dT[\d:.,+-]+Z?) )[\w.-]+( kernel:)/gm, '$1host$2'],
  [/\b([\w.-]+)@([\w.-]+\.[\w-]+|[\w-]+)(?=\) \()/g, 'user@host'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, 'user@example.org'],
  [/\/(home|Users)\/[^/\s:]+/g, '/$1/user'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi, '00:00:5e:00:53:01'],
  [/\b(?!127\.)(?:\d{1,3}\.){3}\d{1,3}\b(?!\.)/g, '192.0.2.1'],
  [/(Hardware name: )(?!QEMU\b).*$/gm, '$1a machine'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '00000000-0000-4000-8000-000000000000'],
];

const PAGE_DIGITS = 3;

function pseudonym(known: Map<string, string>, address: string): string {
  const page = address.slice(0, -PAGE_DIGITS);
  const name = known.get(page) ?? `ffff8880${(known.size + 1).toString(16).padStart(5, '0')}`;
  known.set(page, name);
  return name + address.slice(-PAGE_DIGITS);
}
