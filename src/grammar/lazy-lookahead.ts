import { type ILookaheadStrategy, LLkLookaheadStrategy } from 'chevrotain';

type Alternation = ILookaheadStrategy['buildLookaheadForAlternation'];
type Optional = ILookaheadStrategy['buildLookaheadForOptional'];

/**
 * Chevrotain works out for every branch of a grammar which tokens lead where, before the first line is parsed, which is most of what
 * making a parser takes. A log has reports of one or two families: each branch is worked out when a report first comes to it.
 */
export class LazyLookahead extends LLkLookaheadStrategy {
  override buildLookaheadForAlternation(options: Parameters<Alternation>[0]): ReturnType<Alternation> {
    return later(() => super.buildLookaheadForAlternation(options));
  }

  override buildLookaheadForOptional(options: Parameters<Optional>[0]): ReturnType<Optional> {
    return later(() => super.buildLookaheadForOptional(options));
  }
}

/** What is built is called with the parser as `this`. */
function later<Args extends unknown[], T>(build: () => (...args: Args) => T): (...args: Args) => T {
  let built: ((...args: Args) => T) | undefined;
  return function (this: unknown, ...args) {
    built ??= build();
    return built.apply(this, args);
  };
}
