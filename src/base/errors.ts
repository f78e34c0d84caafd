/**
 * Exit codes of every command. The numbers are part of the contract with scripts.
 */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  missing: 3,
  nothingRan: 4,
  guest: 5,
  timeout: 124,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitName = keyof typeof EXIT;

/**
 * An error that the user can act on: one sentence that names the file, option or thing, and the next step.
 * Everything else that is thrown is a bug and keeps its stack.
 */
export class ExpectedError extends Error {
  override readonly name = 'ExpectedError';
  readonly exit: ExitName;
  readonly hint: string | undefined;

  constructor(exit: ExitName, message: string, hint?: string) {
    super(message);
    this.exit = exit;
    this.hint = hint;
  }
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
