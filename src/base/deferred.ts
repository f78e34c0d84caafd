/** A promise that somebody else settles. (Promise.withResolvers is there from Node 22 on.) */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  /** The first call counts. */
  readonly resolve: (value: T) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: settle };
}
