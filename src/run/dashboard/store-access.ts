import { existsSync } from 'node:fs';
import { messageOf } from '../../base/errors.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { failureOf } from '../../store/failure.ts';
import { type Place, placeOf } from '../../store/place.ts';

const AGAIN_MS = 5000;

/** The store as somebody sees it who looks at it for days: it may come later, be damaged, or be away for a while. */
export class StoreAccess {
  readonly #place: Place | undefined;
  #database: Promise<Database> | undefined;
  #failed = 0;
  #problem: string | undefined;

  /** `false`: none is read. */
  constructor(where: string | false | undefined) {
    this.#place = where === false ? undefined : placeOf(where);
  }

  /** Without a password. */
  get shown(): string | null {
    return this.#place?.shown ?? null;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Undefined where there is none (yet), or none that can be used: `problem` says why. */
  async open(): Promise<Database | undefined> {
    const place = this.#place;
    if (place === undefined || (place.kind === 'sqlite' && !existsSync(place.file))) return undefined;
    if (this.#database === undefined && this.#problem !== undefined && Date.now() - this.#failed < AGAIN_MS)
      return undefined;
    this.#database ??= openDatabase(place, { busyMs: 1000 });
    try {
      return await this.#database;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** What a query says; `otherwise` where it cannot say anything now. */
  async ask<T>(work: (database: Database) => Promise<T>, otherwise: T): Promise<T> {
    const database = await this.open();
    if (database === undefined) return otherwise;
    try {
      const answer = await work(database);
      this.#problem = undefined;
      return answer;
    } catch (error) {
      if (failureOf(error) === 'busy') return otherwise;
      this.#fail(error);
      await database.close().catch(() => {});
      return otherwise;
    }
  }

  async close(): Promise<void> {
    await (await this.#database?.catch(() => undefined))?.close();
    this.#database = undefined;
  }

  #fail(error: unknown): void {
    this.#problem = messageOf(error);
    this.#failed = Date.now();
    this.#database = undefined;
  }
}
