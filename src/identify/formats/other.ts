import type { Kind } from '../../model/kinds.ts';
import { BAD, CRASH, type Format, formats, TRACE } from './format.ts';

const UNABLE_KINDS: Readonly<Record<string, Kind>> = {
  'NULL pointer dereference': 'null-deref',
  'access to user memory': 'user-memory-access',
};

const UBSAN_SKIP = 'ubsan overflow';
const ubsanKind = (fields: Readonly<Record<string, string>>): Kind =>
  fields.what?.includes('shift') ? 'ubsan-shift' : 'ubsan-other';

/** Formats of the remaining groups. */
export const OTHER_FORMATS: Readonly<Record<string, readonly Format[]>> = {
  unable: formats(
    {
      says: 'unable-to-handle',
      title: 'BUG: unable to handle kernel {what} in {F}',
      alt: [BAD],
      kind: (fields) => UNABLE_KINDS[fields.what ?? ''] ?? 'paging-request',
      plan: CRASH,
    },
    {
      says: 'unable-other',
      title: 'BUG: unable to handle kernel {what} in {F}',
      alt: [BAD],
      kind: 'paging-request',
      ours: true,
      plan: CRASH,
    },
  ),
  gpf: formats({
    says: 'gpf',
    title: 'general protection fault in {F}',
    alt: [BAD],
    kind: 'general-protection',
    plan: CRASH,
  }),
  'stack-segment': formats({
    says: 'stack-segment',
    title: 'stack segment fault in {F}',
    kind: 'stack-segment',
    plan: CRASH,
  }),
  panic: formats(
    {
      says: 'panic-stack-protector',
      title: 'kernel panic: stack is corrupted in {fn}',
      kind: 'stack-corruption',
      traceless: true,
    },
    {
      says: 'panic-stack-protector-address',
      title: 'kernel panic: stack is corrupted in {F}',
      kind: 'stack-corruption',
      plan: TRACE,
      skip: 'stack_chk',
    },
    {
      says: 'panic-stack-end',
      title: 'kernel panic: corrupted stack end in {F}',
      alt: ['stack-overflow in {F}'],
      kind: 'stack-overflow',
      plan: TRACE,
      skip: 'schedule retint_kernel',
      pick: 'stall',
    },
    {
      says: 'panic-stack-overflow',
      title: 'kernel stack overflow in {F}',
      alt: ['stack-overflow in {F}'],
      kind: 'stack-overflow',
      plan: TRACE,
      skip: 'bad_stack',
      pick: 'stall',
    },
    {
      says: 'panic-stack-overflow-upper',
      title: 'kernel stack overflow in {F}',
      alt: ['stack-overflow in {F}'],
      kind: 'stack-overflow',
      ours: true,
      plan: TRACE,
      skip: 'bad_stack',
      pick: 'stall',
    },
    { says: 'panic-init', title: 'kernel panic: Attempted to kill init!', kind: 'panic' },
    { says: 'panic-tty', title: "kernel panic: Couldn't open N_TTY ldisc", kind: 'panic' },
    { says: 'panic-echo', title: 'kernel panic: {what}', kind: 'panic', broken: true },
    { says: 'panic', title: 'kernel panic: {message}', kind: 'panic' },
  ),
  'double-fault': formats({
    says: 'double-fault',
    title: 'PANIC: double fault in {F}',
    kind: 'double-fault',
    plan: ['ip'],
  }),
  rust: formats({
    says: 'rust',
    needs: [{ nextLine: 'message' }],
    title: '{message} in {F}',
    kind: 'rust-panic',
    plan: TRACE,
    skip: '__rustc::rust_begin_unwind',
  }),
  'kernel-bug': formats(
    {
      says: 'bug-usercopy',
      title: 'BUG: bad usercopy in {F}',
      kind: 'usercopy',
      plan: TRACE,
      skip: 'usercopy __check',
    },
    { says: 'bug-list', title: 'BUG: corrupted list in {F}', alt: [BAD], kind: 'list-corruption', plan: TRACE },
    { says: 'bug-at', title: 'kernel BUG in {F}', kind: 'bug', plan: CRASH, skip: '^skb_' },
  ),
  'Kernel-BUG': formats({ says: 'bug-upper', title: 'kernel BUG {rest}', kind: 'bug' }),
  slub: formats({ says: 'slub-free', title: 'BUG: Object already free', kind: 'slab-corruption' }),
  divide: formats({ says: 'divide', title: 'divide error in {F}', kind: 'divide-error', plan: ['ip'] }),
  'divide-old': formats({ says: 'divide', title: 'divide error in {F}', kind: 'divide-error', plan: ['ip'] }),
  'invalid-opcode': formats({
    says: 'invalid-opcode',
    title: 'invalid opcode in {F}',
    kind: 'invalid-opcode',
    plan: ['ip'],
  }),
  int3: formats({ says: 'int3', title: 'int3 in {F}', kind: 'int3', plan: CRASH }),
  ubsan: formats(
    {
      says: 'ubsan-old',
      title: 'UBSAN: undefined-behaviour in {F}',
      kind: 'ubsan-other',
      plan: TRACE,
      skip: UBSAN_SKIP,
    },
    {
      says: 'ubsan-bounds',
      title: 'UBSAN: array-index-out-of-bounds in {F}',
      alt: [BAD],
      kind: 'ubsan-bounds',
      plan: TRACE,
      skip: UBSAN_SKIP,
    },
    { says: 'ubsan', title: 'UBSAN: {what} in {F}', kind: ubsanKind, plan: TRACE, skip: UBSAN_SKIP },
  ),
  booting: formats({ says: 'booting', title: 'unexpected kernel reboot', kind: 'unexpected-reboot', traceless: true }),
  netdevice: formats({
    says: 'netdevice',
    title: 'unregister_netdevice: waiting for DEV to become free',
    kind: 'netdevice-unregister',
    traceless: true,
  }),
  'vfs-close': formats({
    says: 'vfs-close',
    title: 'VFS: Close: file count is zero (use-after-free)',
    kind: 'vfs-file-count',
    traceless: true,
  }),
  'vfs-inodes': formats({
    says: 'vfs-inodes',
    title: 'VFS: Busy inodes after unmount (use-after-free)',
    kind: 'vfs-busy-inodes',
    traceless: true,
  }),
  'internal-error': formats({
    says: 'internal-error',
    title: 'Internal error in {F}',
    alt: [BAD],
    kind: 'internal-error',
    plan: CRASH,
  }),
  'unhandled-fault': formats({
    says: 'unhandled-fault',
    title: 'Unhandled fault in {F}',
    alt: [BAD],
    kind: 'unhandled-fault',
    plan: CRASH,
  }),
  alignment: formats({ says: 'alignment', title: 'Alignment trap in {F}', kind: 'alignment-trap', plan: CRASH }),
  trusty: formats(
    {
      says: 'trusty-assert',
      title: 'trusty: ASSERT FAILED:{rest}',
      kind: 'panic',
      traceless: true,
      brokenWithout: 'rest',
    },
    { says: 'trusty-panic', title: 'trusty: panic: {rest}', kind: 'panic', traceless: true },
  ),
  'go-fatal': formats({ says: 'go-fatal', title: 'go runtime error', kind: 'kernel-info', traceless: true }),
  syzfail: formats({ says: 'syzfail', title: 'SYZFAIL:{rest}', kind: 'kernel-info', traceless: true }),
  syzfatal: formats({
    says: 'syzfatal',
    title: 'SYZFATAL:{rest}',
    alt: ['SYZFATAL'],
    kind: 'kernel-info',
    traceless: true,
  }),
  'go-panic': formats(
    { says: 'sentry', title: 'panic: Sentry detected stuck tasks', kind: 'kernel-info', traceless: true },
    { says: 'go-panic', title: 'panic:{rest}', kind: 'kernel-info', traceless: true },
  ),
};
