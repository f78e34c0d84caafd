import type { Sample } from './sample.ts';

const END = `---[ end trace 0000000000000000 ]---
`;
const NULL_TITLE = 'BUG: unable to handle kernel NULL pointer dereference in vexfs_store';

/** Oopses of other architectures: what their registers, aborts and stacks look like. */
export const ARCHITECTURE_SAMPLES: readonly Sample[] = [
  {
    name: 'arm64',
    from: 'arch/arm64/mm/fault.c die_kernel_fault and mem_abort_decode, arch/arm64/kernel/process.c __show_regs',
    text: `Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
Mem abort info:
  ESR = 0x0000000096000044
  EC = 0x25: DABT (current EL), IL = 32 bits
  SET = 0, FnV = 0
  EA = 0, S1PTW = 0
  FSC = 0x04: level 0 translation fault
Data abort info:
  ISV = 0, ISS = 0x00000044, ISS2 = 0x00000000
  CM = 0, WnR = 1, TnD = 0, TagAccess = 0
  GCS = 0, Overlay = 0, DirtyBit = 0, Xs = 0
user pgtable: 4k pages, 48-bit VAs, pgdp=0000000041234000
[0000000000000008] pgd=0000000000000000, p4d=0000000000000000
Internal error: Oops: 0000000096000044 [#1] PREEMPT SMP
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Hardware name: linux,dummy-virt (DT)
pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)
pc : vexfs_store+0x1c/0x40 [vexfs]
lr : vexfs_write+0x54/0x80 [vexfs]
sp : ffff80008123bd00
x29: ffff80008123bd00 x28: ffff000004567000 x27: 0000000000000000
x2 : 0000000000000000 x1 : 0000000000000001 x0 : 0000000000000000
Call trace:
 vexfs_store+0x1c/0x40 [vexfs] (P)
 vexfs_write+0x54/0x80 [vexfs]
 vfs_write+0xc8/0x370
 ksys_write+0x6c/0x100
 invoke_syscall+0x48/0x110
 el0_svc+0x34/0xd0
Code: d503201f d2800100 52800021 f9000001 (f9000001)
${END}`,
    kind: 'null-deref',
    title: NULL_TITLE,
    details: {
      access: 'write',
      address: '0x0000000000000008',
      abort: {
        ESR: '0x0000000096000044',
        EC: '0x25: DABT (current EL)',
        IL: '32 bits',
        FSC: '0x04: level 0 translation fault',
        WnR: '1',
      },
      pageTable: { pgd: '0x0000000000000000', p4d: '0x0000000000000000' },
      oops: { errorCode: '0x0000000096000044', number: 1 },
      registers: {
        x29: '0xffff80008123bd00',
        x0: '0x0000000000000000',
        sp: '0xffff80008123bd00',
        pstate: '0x60400005',
      },
      code: { bytes: 'd503201f d2800100 52800021 f9000001 f9000001', width: 4, trap: 4 },
    },
    roles: ['trap'],
  },
  {
    name: 'arm64, a stack that overflows',
    from: 'arch/arm64/kernel/traps.c panic_bad_stack',
    text: `Insufficient stack space to handle exception!
ESR: 0x0000000096000047 -- DABT (current EL)
FAR: 0xffff800081237ff0
Task stack:     [0xffff800081238000..0xffff80008123c000]
IRQ stack:      [0xffff800080000000..0xffff800080004000]
Overflow stack: [0xffff00003fdb1320..0xffff00003fdb2320]
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
pc : vexfs_recurse+0x4/0x40 [vexfs]
lr : vexfs_recurse+0x20/0x40 [vexfs]
sp : ffff800081238000
x29: ffff800081238010 x28: ffff000004567000 x27: 0000000000000000
Kernel panic - not syncing: kernel stack overflow
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Call trace:
 panic+0x3b0/0x3c8
 panic_bad_stack+0xf8/0x128
 vexfs_recurse+0x4/0x40 [vexfs]
 vexfs_recurse+0x20/0x40 [vexfs]
 vexfs_write+0x54/0x80 [vexfs]
 vfs_write+0xc8/0x370
 invoke_syscall+0x48/0x110
---[ end Kernel panic - not syncing: kernel stack overflow ]---
`,
    kind: 'stack-overflow',
    title: 'kernel stack overflow in vexfs_write',
    details: { registers: { sp: '0xffff800081238000' }, echoes: ['Kernel panic - not syncing: kernel stack overflow'] },
  },
  {
    name: 'arm',
    from: 'arch/arm/mm/fault.c __do_kernel_fault, arch/arm/kernel/{process,traps}.c',
    text: `8<--- cut here ---
Unable to handle kernel paging request at virtual address dead0010 when write
[dead0010] *pgd=00000000
Internal error: Oops: 805 [#1] SMP ARM
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Hardware name: Generic DT based system
PC is at vexfs_store+0x10/0x20 [vexfs]
LR is at vexfs_write+0x54/0x80 [vexfs]
pc : [<bf000010>]    lr : [<bf000054>]    psr: 60000013
sp : f0801e28  ip : 00000000  fp : f0801e6c
r10: 00000000  r9 : c1234000  r8 : 00000001
Flags: nZCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment none
Control: 10c5387d  Table: 6000406a  DAC: 00000051
Register r0 information: NULL pointer
Process sh (pid: 80, stack limit = 0xf0800000)
Call trace:
 vexfs_store [vexfs] from vexfs_write+0x54/0x80 [vexfs]
 vexfs_write [vexfs] from vfs_write+0xf0/0x420
 vfs_write from ksys_write+0x6d/0xf0
 ksys_write from ret_fast_syscall+0x0/0x1c
Code: e3a00000 e12fff1e e3a03001 (e5803000)
${END}`,
    kind: 'paging-request',
    title: 'BUG: unable to handle kernel paging request in vexfs_store',
    details: {
      access: 'write',
      address: '0xdead0010',
      pageTable: { pgd: '0x00000000' },
      registers: { pc: '0xbf000010', r10: '0x00000000', r9: '0xc1234000', psr: '0x60000013' },
      code: { width: 4, trap: 3 },
    },
    roles: ['trap'],
  },
  {
    name: 'riscv',
    from: 'arch/riscv/mm/fault.c die_kernel_fault, arch/riscv/kernel/process.c __show_regs, arch/riscv/kernel/traps.c die',
    text: `Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
Oops [#1]
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Hardware name: riscv-virtio,qemu (DT)
epc : vexfs_store+0x10/0x20 [vexfs]
 ra : vexfs_write+0x54/0x80 [vexfs]
epc : ffffffff01234010 ra : ffffffff01234054 sp : ff20000000123d00
 gp : ffffffff81234567 tp : ff60000001234000 t0 : 0000000000000000
 t1 : 0000000000000000 t2 : 0000000000000000 s0 : ff20000000123d20
 s11: 0000000000000000 t3 : 0000000000000000 t4 : 0000000000000000
status: 0000000200000120 badaddr: 0000000000000008 cause: 000000000000000f
[<ffffffff01234010>] vexfs_store+0x10/0x20 [vexfs]
[<ffffffff01234054>] vexfs_write+0x54/0x80 [vexfs]
[<ffffffff80212345>] vfs_write+0xc8/0x370
[<ffffffff80212399>] ksys_write+0x6c/0x100
[<ffffffff8000312a>] ret_from_exception+0x0/0x64
Code: 1141 e422 0800 4785 (c51c) 6422
${END}`,
    kind: 'null-deref',
    title: NULL_TITLE,
    details: {
      registers: { epc: '0xffffffff01234010', s11: '0x0000000000000000', badaddr: '0x0000000000000008' },
      code: { bytes: '1141 e422 0800 4785 c51c 6422', width: 2, trap: 4 },
      oops: { number: 1 },
    },
    roles: ['trap'],
  },
  {
    name: 'powerpc',
    from: 'arch/powerpc/mm/fault.c bad_page_fault, arch/powerpc/kernel/{process,traps}.c',
    text: `BUG: Kernel NULL pointer dereference on write at 0x00000008
Faulting instruction address: 0xc008000001230010
Oops: Kernel access of bad area, sig: 11 [#1]
LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Hardware name: IBM pSeries (emulated by qemu) POWER9
NIP:  c008000001230010 LR: c008000001230054 CTR: c008000001230000
REGS: c000000005e3b920 TRAP: 0300   Tainted: G           O        (6.12.0)
MSR:  800000000280b033 <SF,VEC,VSX,EE,FP,ME,IR,DR,RI,LE>  CR: 24002842  XER: 00000000
CFAR: c008000001230050 DAR: 0000000000000008 DSISR: 42000000 IRQMASK: 0
GPR00: c008000001230054 c000000005e3bbc0 c008000001238000 0000000000000000
GPR04: 0000000000000001 0000000000000000 0000000000000000 0000000000000000
NIP [c008000001230010] vexfs_store+0x10/0x20 [vexfs]
LR [c008000001230054] vexfs_write+0x54/0x80 [vexfs]
Call Trace:
[c000000005e3bbc0] [c008000001230040] vexfs_write+0x40/0x80 [vexfs] (unreliable)
[c000000005e3bbf0] [c0000000004e1234] vfs_write+0xf0/0x420
[c000000005e3bc80] [c0000000004e1678] ksys_write+0x6c/0x100
[c000000005e3bcd0] [c00000000002f123] system_call_exception+0x123/0x2e0
--- interrupt: 3000 at 0x7fff9c4e1234
Code: 60000000 7c0802a6 <90030008> 4e800020
${END}`,
    kind: 'null-deref',
    title: NULL_TITLE,
    details: {
      access: 'write',
      address: '0x00000008',
      oops: { what: 'Kernel access of bad area, sig: 11', number: 1 },
      registers: {
        NIP: '0xc008000001230010',
        GPR0: '0xc008000001230054',
        GPR4: '0x0000000000000001',
        DAR: '0x0000000000000008',
        CR: '0x24002842',
      },
      code: { bytes: '60000000 7c0802a6 90030008 4e800020', width: 4, trap: 2 },
    },
    roles: ['trap'],
  },
  {
    name: 's390',
    from: 'arch/s390/mm/fault.c do_no_context, arch/s390/kernel/dumpstack.c show_registers and die',
    text: `Unable to handle kernel pointer dereference in virtual kernel address space
Failing address: 0000000000000000 TEID: 0000000000000483
Fault in home space mode while using kernel ASCE.
AS:0000000001234007 R3:0000000000000024
Oops: 0004 ilc:2 [#1] SMP
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Hardware name: QEMU 8561 QEMU (KVM/Linux)
Krnl PSW : 0704c00180000000 000003ff80012010 (vexfs_store+0x10/0x20 [vexfs])
           R:0 T:1 IO:1 EX:1 Key:0 M:1 W:0 P:0 AS:3 CC:0 PM:0 RI:0 EA:3
Krnl GPRS: 0000000000000001 0000000000000000 0000000000000000 0000000000000003
           0000000000000004 0000000000000005 0000000000000006 0000000000000007
           0000000000000008 0000000000000009 000000000000000a 000000000000000b
           000000000000000c 000000000000000d 000000000000000e 000000000000000f
Call Trace:
 [<000003ff80012010>] vexfs_store+0x10/0x20 [vexfs]
 [<000003ff80012054>] vexfs_write+0x54/0x80 [vexfs]
 [<0000000000345678>] vfs_write+0xf0/0x420
 [<0000000000345abc>] ksys_write+0x6c/0x100
 [<0000000000bcdef0>] __do_syscall+0x1f0/0x200
 [<0000000000bcff00>] system_call+0x70/0x98
Last Breaking-Event-Address:
 [<000003ff80012050>] vexfs_write+0x50/0x80 [vexfs]
${END}`,
    kind: 'paging-request',
    title: 'BUG: unable to handle kernel pointer dereference in vexfs_store',
    details: {
      address: '0x0000000000000000',
      teid: '0x0000000000000483',
      during: 'home',
      pageTable: { as: '0x0000000001234007', r3: '0x0000000000000024' },
      oops: { errorCode: '0x0004', number: 1 },
      registers: {
        PSWM: '0x0704c00180000000',
        PSWA: '0x000003ff80012010',
        GPR0: '0x0000000000000001',
        GPR4: '0x0000000000000004',
        GPR15: '0x000000000000000f',
      },
    },
    roles: ['trap'],
  },
];
