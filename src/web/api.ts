import type { Refusal } from '../model/dashboard.ts';

/** What the server says no with, or that it says nothing. */
export class ApiError extends Error {
  readonly status: number;
  readonly next: string | undefined;

  constructor(status: number, message: string, next: string | undefined) {
    super(message);
    this.status = status;
    this.next = next;
  }
}

export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await answer(path, init);
  return (await response.json()) as T;
}

/** Bytes of a stream, where they stand, and how many there are in all. */
export interface Bytes {
  readonly from: number;
  readonly size: number;
  readonly bytes: Uint8Array;
}

export async function askBytes(path: string): Promise<Bytes> {
  const response = await answer(path, {});
  const number = (name: string) => Number(response.headers.get(name) ?? 0);
  return { from: number('x-from'), size: number('x-size'), bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function answer(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, 'the server does not answer', 'is "vexfs-trace serve" still running?');
  }
  if (response.ok) return response;
  const refusal = (await response.json().catch(() => ({}))) as Partial<Refusal>;
  throw new ApiError(response.status, refusal.error ?? `the server says ${response.status}`, refusal.next);
}
