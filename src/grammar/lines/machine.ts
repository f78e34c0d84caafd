import { lines } from './line-row.ts';
import { MODULE, PLACE, SYMBOL } from './symbol.ts';

const re = (text: string): RegExp => new RegExp(text);

/** Where a CPU stood: arch/{x86,arm64,arm,riscv,powerpc,s390}/kernel traps, process and dumpstack sources. */
export const POINTER_LINES = lines(
  // arch/x86/include/asm/segment.h __USER_CS, __USER32_CS: 0033 and 0023; i386: 0073
  ['rip-user', 'IP: 00', /(?:RIP: 00[23]3|EIP: 0073):(?<address>\S+)/, 'RIP: 0033:0x7f0000000000'],
  [
    'rip',
    'IP: ',
    re(`R?E?IP: (?:[0-9a-f]{4}:)?(?:\\[<[0-9a-f]+>\\] +){0,2}${SYMBOL}${PLACE}${MODULE}`),
    'RIP: 0010:vexfs_f+0x1/0x2 [vexfs]',
  ],
  [
    'rip',
    'IP  [',
    re(`^R?E?IP {1,2}(?:[0-9a-f]{4}:)?(?:\\[<[0-9a-f]+>\\] +){1,2}${SYMBOL}${PLACE}${MODULE}`),
    'RIP  [<ffffffff81000000>] vexfs_f+0x1/0x2 [vexfs]',
  ],
  ['rip-address', 'IP: ', /R?E?IP: (?:[0-9a-f]{4}:)?(?:0x)?\[?<?(?<address>[0-9a-f]+)/, 'RIP: 0010:0x0'],
  ['pc', 'pc : ', re(`^pc : (?:\\[<[0-9a-f]+>\\] +)?${SYMBOL}${PLACE}${MODULE}`), 'pc : vexfs_f+0x1/0x2 [vexfs]'],
  ['pc-is', 'PC is at ', re(`^PC is at ${SYMBOL}${PLACE}${MODULE}`), 'PC is at vexfs_f+0x1/0x2 [vexfs]'],
  ['epc', 'epc : ', re(`^epc : ${SYMBOL}${PLACE}${MODULE}`), 'epc : vexfs_f+0x1/0x2'],
  ['nip', 'NIP [', re(`^NIP \\[[0-9a-f]+\\] ${SYMBOL}${PLACE}${MODULE}`), 'NIP [c000000000000000] vexfs_f+0x1/0x2'],
  [
    'psw',
    'Krnl PSW',
    re(`Krnl PSW : (?<mask>[0-9a-f]+) (?<at>[0-9a-f]+) \\(${SYMBOL}(?:${MODULE})?`),
    'Krnl PSW : 0704c00180000000 000003ff80012345 (vexfs_f+0x1/0x2)',
  ],
  ['psw-user', 'User PSW', /^User PSW : /, 'User PSW : 0705000180000000 000003ff80012345'],
  ['link', 'lr : ', /^lr : (?:\[<[0-9a-f]+>\] +)?(?<fn>[A-Za-z_][A-Za-z0-9_]*)[.+]/, 'lr : vexfs_g+0x1/0x2'],
  ['link', ' ra : ', /^ ra : (?<fn>[A-Za-z_][A-Za-z0-9_]*)[.+]/, ' ra : vexfs_g+0x1/0x2'],
  [
    'link',
    'LR ',
    /^LR (?:\[[0-9a-f]+\]|is at) (?<fn>[A-Za-z_][A-Za-z0-9_]*)[.+]/,
    'LR [c000000000000000] vexfs_g+0x1/0x2',
  ],
  ['code', 'Code: ', /Code: (?<code>(?:[<(]?[0-9a-f]{2,8}[>)]? ?){2,})/, 'Code: 0f 0b <48> 8b'],
  ['code-none', 'Code:', /Code: *(?:Bad RIP value|Bad PC value|Unable to access|XXXXXXXX)/, 'Code: Bad RIP value.'],
  [
    'stack-pointer',
    'RSP: ',
    /RSP: (?<selector>[0-9a-f]{4}):(?<RSP>[0-9a-f]+)(?: +EFLAGS: (?<EFLAGS>[0-9a-f]+))?/,
    'RSP: 0018:ffffc90000000000 EFLAGS: 00010246',
  ],
  [
    'registers',
    ':',
    /^ ?(?:[RE][A-Z0-9]{2}|R\d\d|CR\d|DR\d|[CDEFGS]S|PKRU|ORIG_RAX|EFLAGS): {1,2}[0-9a-f]{4,16}\b/,
    'RAX: 0000000000000000 RBX: ffff888000000000 RCX: 0000000000000001',
  ],
  [
    'registers',
    ' ',
    /^ ?(?:x|r|a|s|t|ra|gp|tp|sp|pc|fp|ip|lr|epc|cause|status) ?\d* ?: ?\[?<?[0-9a-f]{8,16}/,
    'x29: ffff800080000000 x28: ffff000000000000 x27: 0000000000000000',
  ],
  [
    'registers',
    ':',
    /^(?:GPR\d\d:|(?:Krnl|User) GPRS:|MSR: |REGS: |CFAR: |DAR: |NIP: |pstate: |Flags: |Control: |CPSR|\s+R:\d T:\d)/,
    'pstate: 60400005 (nZCv daif +PAN -UAO)',
  ],
  ['register-row', '  ', /^ {2,}[0-9a-f]{16} [0-9a-f]{16}/, '           0000000000000000 0000000000000001'],
  [
    'code-listing',
    ':',
    /^(?:Krnl Code:|User Code:| {6,}[ #>*]{0,3})(?:[0-9a-f]{16}: |\S+ {2,})/,
    'Krnl Code:000003ff80012340: a7f40001',
  ],
);

/** What the hardware said of a fault: arch/x86/mm/fault.c, arch/arm64/mm/fault.c, arch/arm/mm/fault.c, arch/s390/mm/fault.c, arch/powerpc/mm/fault.c. */
export const FAULT_LINES = lines(
  ['page-table', 'PGD ', /^PGD [0-9a-f]/, 'PGD 0 P4D 0'],
  ['page-table', 'pgd', /^(?:pgd = |\[[0-9a-f]+\] (?:\*?pgd)|(?:user|swapper) pgtable: )/, '[00000008] *pgd=00000000'],
  ['page-table', 'AS:', /^AS:[0-9a-f]{16} /, 'AS:0000000001234007 R3:0000000000000024'],
  [
    'fault-code',
    '#PF: ',
    /^#PF: (?<privilege>supervisor|user)(?:-privileged)? (?<access>instruction fetch|write|read)(?: access)? (?:in|from) (?<during>kernel|user) (?:mode|code)/,
    '#PF: supervisor read access in kernel mode',
    '.',
  ],
  [
    'fault-code',
    '#PF: ',
    /^#PF: error_code\((?<errorCode>0x[0-9a-f]+)\) - (?<reason>.*)/,
    '#PF: error_code(0x0002) - not-present page',
    '.',
  ],
  ['fault-code', '#PF error', /^#PF error: \[(?<reason>.*)\]/, '#PF error: [normal kernel read fault]', '.'],
  ['abort-info', 'abort info:', /^(?:Mem|Data) abort info:/, 'Mem abort info:'],
  [
    'abort-row',
    ' = ',
    /^ {2}(?:ESR|EC|SET|EA|S1PTW|FSC|ISV|ISS|CM|WnR|TnD|GCS|Access|SSE|SF|xs)[^=]{0,24}= /,
    '  ESR = 0x0000000096000004',
  ],
  [
    'failing',
    'Failing address:',
    /^Failing address: (?<address>[0-9a-f]+) TEID: (?<teid>[0-9a-f]+)/,
    'Failing address: 0000000000000000 TEID: 0000000000000483',
    '.',
  ],
  [
    'failing-mode',
    'Fault in ',
    /^Fault in (?<during>\w+) space mode while using/,
    'Fault in home space mode while using kernel ASCE.',
    '.',
  ],
  [
    'faulting',
    'Faulting instruction',
    /^Faulting instruction address: 0x[0-9a-f]+/,
    'Faulting instruction address: 0xc000000000012345',
  ],
  [
    'outside',
    'address between',
    /^\[[0-9a-f]+\] address between user and kernel address ranges/,
    '[dfff800000000000] address between user and kernel address ranges',
  ],
);

/** Machine checks: arch/x86/kernel/cpu/mce/core.c __print_mce, drivers/acpi/apei/ghes.c, drivers/firmware/efi/cper.c. */
export const MACHINE_CHECK_LINES = lines(
  [
    'mce-bank',
    'Machine Check',
    /\[Hardware Error\]: CPU (?<cpu>\d+): Machine Check(?<what>[^:]*): (?<mcgStatus>[0-9a-f]+) Bank (?<bank>\d+): (?<status>[0-9a-f]+)/,
    'mce: [Hardware Error]: CPU 0: Machine Check Exception: 5 Bank 4: b200000000070f0f',
    'banks[]',
  ],
  [
    'mce-words',
    ': TSC ',
    /\[Hardware Error\]: TSC (?<tsc>[0-9a-f]+)(?: ADDR (?<address>[0-9a-f]+))?(?: MISC (?<misc>[0-9a-f]+))?/,
    'mce: [Hardware Error]: TSC 1234567890 ADDR 12345678 MISC 86',
    'machineCheck',
  ],
  [
    'mce-words',
    ': PROCESSOR ',
    /\[Hardware Error\]: PROCESSOR (?<vendor>\d+):(?<processor>[0-9a-f]+) TIME (?<recorded>\d+) SOCKET (?<socket>\d+) APIC (?<apic>[0-9a-f]+) microcode (?<microcode>[0-9a-f]+)/,
    'mce: [Hardware Error]: PROCESSOR 0:306a9 TIME 1700000000 SOCKET 0 APIC 0 microcode 21',
    'machineCheck',
  ],
  [
    'mce-verdict',
    ': Machine check: ',
    /\[Hardware Error\]: Machine check: (?<verdict>.*)/,
    'mce: [Hardware Error]: Machine check: Processor context corrupt',
    'machineCheck',
  ],
  [
    'mce-row',
    '[Hardware Error]: ',
    /\[Hardware Error\]: /,
    "mce: [Hardware Error]: Run the above through 'mcelog --ascii'",
  ],
);
