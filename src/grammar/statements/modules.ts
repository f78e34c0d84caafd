import { rows } from './statement-row.ts';

/** Modules that cannot be loaded: kernel/module/{main,version,signing}.c, kernel/params.c, arch module.c. */
export const MODULE_STATEMENTS = {
  'module-symbol': rows([
    'module-symbol',
    /^(?<module>[A-Za-z0-9_-]+): Unknown symbol (?<symbol>\S+)(?: \(err (?<errno>-?\d+)\))?/,
    'vexfs: Unknown symbol vexfs_missing (err -2)',
  ]),
  'module-magic': rows([
    'module-magic',
    /^(?<module>[A-Za-z0-9_-]+): version magic '(?<builtFor>[^']*)' should be '(?<neededFor>[^']*)'/,
    "vexfs: version magic '6.1.0 SMP' should be '6.12.0 SMP'",
  ]),
  'module-version': rows([
    'module-version',
    /^(?<module>[A-Za-z0-9_-]+): disagrees about version of symbol (?<symbol>\S+)/,
    'vexfs: disagrees about version of symbol module_layout',
  ]),
  'module-duplicate': rows([
    'module-duplicate',
    /^(?<module>[A-Za-z0-9_-]+): exports duplicate symbol (?<symbol>\S+) \(owned by (?<symbolOwner>[^)]*)\)/,
    'vexfs: exports duplicate symbol vexfs_lookup (owned by vexfs_old)',
  ]),
  'module-rejected': rows([
    'module-rejected',
    /^Loading of (?<what>unsigned module|module with (?:unsupported crypto|unavailable key|invalid key|.*)) is rejected/,
    'Loading of unsigned module is rejected',
  ]),
  'module-format': rows([
    'module-format',
    /^(?<message>Invalid (?:ELF (?:header|section)|module architecture|architecture in ELF).*|ELF Spec violation: .*)$/,
    'Invalid ELF header magic: != \x7fELF',
  ]),
  'module-section': rows([
    'module-format',
    /^module (?<module>[A-Za-z0-9_-]+): (?<message>\.gnu\.linkonce\.this_module .*|Exactly one .*)/,
    "module vexfs: .gnu.linkonce.this_module section size must match the kernel's built struct module size at run time",
  ]),
  'module-blacklisted': rows([
    'module-blacklisted',
    /^Module (?<module>[A-Za-z0-9_-]+) is blacklisted/,
    'Module vexfs is blacklisted',
  ]),
  'module-parameter': rows([
    'module-parameter',
    /^(?<module>[A-Za-z0-9_-]+): [`'](?<given>[^']*)' (?<problem>invalid|too large) for parameter [`'](?<parameter>[^']*)'/,
    "vexfs: `abc' invalid for parameter `limit'",
  ]),
} as const;
