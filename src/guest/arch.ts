/** What differs between architectures; a new one is a new row. */
export interface Arch {
  readonly qemu: string;
  readonly machine: readonly string[];
  readonly console: string;
  readonly kernelParameters: readonly string[];
  readonly debianArch: string;
}

export const ARCHES = {
  x86_64: {
    qemu: 'qemu-system-x86_64',
    // Not `pc`: the ACPI tables of its PCI slots are interpreted code that takes a sanitizer kernel most of a minute.
    machine: ['-machine', 'q35', '-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'],
    console: 'ttyS0',
    // Under TCG the kernel distrusts the TSC and printk times freeze while interrupts are off.
    kernelParameters: ['tsc=reliable', 'unknown_nmi_panic'],
    debianArch: 'amd64',
  },
} as const satisfies Record<string, Arch>;

export type ArchName = keyof typeof ARCHES;
