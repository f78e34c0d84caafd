import { type Format, formats } from './format.ts';

/** Titles of what a filesystem, a block device or the module loader says in one line. */
export const STORAGE_FORMATS: Readonly<Record<string, readonly Format[]>> = {
  'fs-error': formats({ says: 'fs-error', title: '{fs} error: {message}', kind: 'fs-error', traceless: true }),
  'fs-error-bare': formats({ says: 'fs-error', title: '{fs} error: {message}', kind: 'fs-error', traceless: true }),
  'journal-error': formats({ says: 'fs-error', title: 'JBD2 error: {message}', kind: 'fs-error', traceless: true }),
  'jfs-error': formats({ says: 'jfs-error', title: 'JFS error: {message}', kind: 'fs-error', traceless: true }),
  'gfs2-error': formats({ says: 'gfs2-error', title: 'GFS2 error: {message}', kind: 'fs-error', traceless: true }),
  'xfs-error': formats({ says: 'xfs-error', title: '{fs} error: {message}', kind: 'fs-error', traceless: true }),
  'mount-failed': formats({
    says: 'mount-failed',
    title: '{fs}: mount failed: {message}',
    kind: 'mount-failure',
    traceless: true,
  }),
  'mount-refused': formats({
    says: 'mount-refused',
    title: '{fs}: mount failed: {message}',
    kind: 'mount-failure',
    traceless: true,
  }),
  'root-mount': formats({
    says: 'root-mount',
    title: 'mount failed: cannot open the root device {device}',
    kind: 'mount-failure',
    traceless: true,
  }),
  'buffer-error': formats({ says: 'io-error', title: 'I/O error on {device}', kind: 'io-error', traceless: true }),
  'block-error': formats({ says: 'io-error', title: 'I/O error on {device}', kind: 'io-error', traceless: true }),
  'module-symbol': unloaded('module-symbol', 'unknown symbol {symbol}'),
  'module-magic': unloaded('module-magic', 'built for another kernel'),
  'module-version': unloaded('module-version', 'symbol {symbol} of another version'),
  'module-duplicate': unloaded('module-duplicate', 'symbol {symbol} is exported by {symbolOwner}'),
  'module-section': unloaded('module-format', 'not a module of this kernel'),
  'module-blacklisted': unloaded('module-blacklisted', 'it is blacklisted'),
  'module-parameter': unloaded('module-parameter', '{problem} value of parameter {parameter}'),
  'module-rejected': nameless('module-rejected', '{what} is rejected'),
  'module-format': nameless('module-format', '{message}'),
};

function unloaded(says: string, why: string): readonly Format[] {
  return formats({
    says,
    title: `module {module} failed to load: ${why}`,
    kind: 'module-load-failure',
    traceless: true,
  });
}

/** The kernel does not say which module it was. */
function nameless(says: string, why: string): readonly Format[] {
  return formats({ says, title: `module failed to load: ${why}`, kind: 'module-load-failure', traceless: true });
}
