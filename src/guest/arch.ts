/** What differs between architectures; a new one is a new row. */
export interface Arch {
  readonly qemu: string;
  readonly machine: readonly string[];
  readonly console: string;
  readonly kernelParameters: readonly string[];
  /** What of the machine helps to read a dump of its memory. */
  readonly dumpDevices: readonly string[];
  /** The kernel can be told to leave some memory alone (`memmap=`). */
  readonly reservesMemory: boolean;
  readonly debianArch: string;
  /** What Node.js calls it. */
  readonly nodeArch: string;
  /** Its name in the kernel's sources, for `ARCH=`. */
  readonly kernelArch: string;
  /** Before the names of compiler and binutils that make code for it on another machine. */
  readonly cross: string;
  /** What the kernel's build calls the image that a guest boots. */
  readonly imageName: string;
  /** Where such an image has which bytes. */
  readonly magic: { readonly at: number; readonly bytes: string };
}

export const ARCHES = {
  x86_64: {
    qemu: 'qemu-system-x86_64',
    // Not `pc`: the ACPI tables of its PCI slots are interpreted code that takes a sanitizer kernel most of a minute.
    machine: ['-machine', 'q35', '-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'],
    console: 'ttyS0',
    // Under TCG the kernel distrusts the TSC and printk times freeze while interrupts are off.
    kernelParameters: ['tsc=reliable', 'unknown_nmi_panic'],
    dumpDevices: ['vmcoreinfo'],
    reservesMemory: true,
    debianArch: 'amd64',
    nodeArch: 'x64',
    kernelArch: 'x86_64',
    cross: 'x86_64-linux-gnu-',
    imageName: 'bzImage',
    // Documentation/arch/x86/boot.rst, header
    magic: { at: 0x202, bytes: 'HdrS' },
  },
  arm64: {
    qemu: 'qemu-system-aarch64',
    machine: ['-machine', 'virt'],
    console: 'ttyAMA0',
    kernelParameters: [],
    dumpDevices: ['vmcoreinfo'],
    reservesMemory: false,
    debianArch: 'arm64',
    nodeArch: 'arm64',
    kernelArch: 'arm64',
    cross: 'aarch64-linux-gnu-',
    imageName: 'Image',
    // Documentation/arch/arm64/booting.rst, magic
    magic: { at: 0x38, bytes: 'ARM\x64' },
  },
} as const satisfies Record<string, Arch>;

export type ArchName = keyof typeof ARCHES;

export const ARCH_NAMES = Object.keys(ARCHES) as ArchName[];

/** Programs of this machine run in its guests, and KVM may be had for them. */
export function isNative(arch: ArchName): boolean {
  return ARCHES[arch].nodeArch === process.arch;
}

/** Before the names of compiler and binutils, as `CROSS_COMPILE=` takes it. */
export function toolPrefix(arch: ArchName): string {
  return isNative(arch) ? '' : ARCHES[arch].cross;
}
