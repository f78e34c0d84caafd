import type { Stream } from './chunk.ts';

/** How a guest ended. */
export interface GuestExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** True when `close` was asked for; otherwise the guest went on its own. */
  readonly expected: boolean;
  /** Last lines of what the emulator or the connection said. */
  readonly reason: string;
}

/** An answer of the guest agent (`src/guest/agent/protocol.md`). `status` 0 is success. */
export interface AgentAnswer {
  readonly status: number;
  readonly output: string;
  readonly error?: string;
  readonly [field: string]: unknown;
}

/** Something the agent says on its own: `hello`, `heartbeat`, `exit`, `output`, `dropped`. */
export interface AgentNotice {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Commands to the agent in the guest, one JSON object a line each way. */
export interface Control {
  request(cmd: string, fields?: Readonly<Record<string, unknown>>, options?: RequestOptions): Promise<AgentAnswer>;
  onNotice(listener: (notice: AgentNotice) => void): () => void;
  /** Host nanoseconds (process.hrtime) of the last byte from the agent. */
  readonly lastSeen: number;
}

/** What the emulator and its host say of a machine, without asking its guest. */
export interface MachineState {
  /** QEMU's word (qapi/run-state.json RunState), or `no-answer`: the emulator itself stands still. */
  readonly status: string;
  /** Of each virtual CPU: how long its thread has run, and how long it could have and got no CPU of the host. */
  readonly cpus: readonly { readonly ranMs: number; readonly waitedMs: number }[];
  /** `open` while somebody in the guest has it open, `disconnected` when our end is gone, `unplugged` when the device is. */
  readonly controlPort: 'open' | 'closed' | 'disconnected' | 'unplugged' | 'unknown';
}

/** What a machine of ours is made of. */
export interface Machine {
  /** Its release, and the name that it was asked for by. */
  readonly kernel: { readonly release: string; readonly name: string };
  readonly accelerator: Accelerator;
  readonly cpus: number;
  /** A later cold boot may have more. */
  readonly memoryMiB: number;
}

/** `tcg` emulates each instruction. */
export type Accelerator = 'tcg' | 'kvm';

/** All memory of a guest in a file. */
export interface MemoryDump {
  readonly file: string;
  /** `kdump-zlib` (compressed) or `elf`. */
  readonly format: string;
  readonly bytes: number;
  readonly ms: number;
}

/** What a dying kernel wrote into memory that outlives it. */
export interface LastWords {
  /** `Panic` or `Oops`, or `Console` for what was printed all along. */
  readonly reason: string;
  readonly text: string;
}

/** A guest that runs somewhere. What it cannot do is absent, so that a caller sees it in the type. */
export interface Guest {
  readonly id: string;
  readonly kind: 'qemu' | 'ssh' | 'console' | 'local';
  /** What runs there, for people: kernel release and where it comes from. */
  readonly describe: string;
  readonly control?: Control;
  /** Ends when the guest has ended; never rejects. */
  readonly exited: Promise<GuestExit>;
  onData(listener: (stream: Stream, bytes: Uint8Array) => void): () => void;
  /** What the agent says on its own, whichever connection it comes by. */
  onNotice?(listener: (notice: AgentNotice) => void): () => void;
  /** Each time the machine ends although nobody asked it to; a reset brings it back. */
  onExit?(listener: (exit: GuestExit) => void): () => void;
  /** Something outside the guest's own output: the emulator saw a panic, a reset, a shutdown. */
  onWitness?(listener: (event: string) => void): () => void;
  /** Saves the running state under a name. Milliseconds taken. */
  saveSnapshot?(name: string): Promise<number>;
  /**
   * Goes back to a saved state; resolves when the agent answers again. Milliseconds taken. `onBoundary` is called when
   * all of the past has been read and nothing of the new state has been.
   */
  restoreSnapshot?(name: string, onBoundary: () => void): Promise<number>;
  /** Power-cycles, with so much memory where it is given; resolves when the agent answers again. Milliseconds taken. */
  reset?(onBoundary: () => void, memoryMiB?: number): Promise<number>;
  /** Stops all CPUs, as a host under memory pressure would: the guest falls silent without a crash. */
  freeze?(): Promise<void>;
  /** Ends the machine as a crash of its host would; `onExit` tells of it. */
  kill?(): Promise<void>;
  /** Unplugs the port that commands go by. */
  losePort?(): Promise<void>;
  /** The agent that said hello last. */
  readonly agent?: { readonly pid: number; readonly bootId: string } | undefined;
  /** Lets stopped CPUs run on. */
  thaw?(): Promise<void>;
  /** What is known of the machine without asking the guest; never rejects. */
  state?(): Promise<MachineState>;
  /** Plugs in or connects anew the port that commands go by, where it is lost. */
  mendPort?(): Promise<void>;
  /** Writes all memory to a file. */
  dumpMemory?(file: string): Promise<MemoryDump>;
  /** Reads what a dying kernel left in memory; empty when it left nothing or the guest keeps none. */
  lastWords?(): Promise<readonly LastWords[]>;
  /** Of a guest that was not joined but made. */
  readonly machine?: Machine;
  /** Sysrq keys by a way that needs no working user space. Rejects when the kernel does not answer one of them on its console. */
  sysrq?(keys: string): Promise<void>;
  injectNmi?(): Promise<void>;
  /** Registers of all CPUs: what remains when a guest hangs with interrupts off. */
  registers?(): Promise<string>;
  /** The words from an address of that CPU on, as the emulator prints them. */
  stackWords?(cpu: number, address: bigint): Promise<string>;
  /** Reads what was written before this call, so that nothing said before a boundary is counted behind it. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** A guest that obeys: it has an agent. */
export type ControlledGuest = Guest & { readonly control: Control };
