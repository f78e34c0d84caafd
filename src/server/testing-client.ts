import { createHash, type Hash } from 'node:crypto';
import { get } from 'node:http';

/** What a client of a stream has got. */
export interface Received {
  readonly events: number;
  /** Of the JSON of all of them, in their order. */
  readonly hash: string;
  /** How often it was cut off, or left, and went on. */
  readonly connections: number;
}

export interface ClientOptions {
  readonly port: number;
  readonly token: string;
  readonly recording: string;
  /** It is done when it has so many. */
  readonly count: number;
  /** Leaves after so many events and comes again, over and over. */
  readonly leaveAfter?: number;
  /** Takes nothing for so long after each part, milliseconds. */
  readonly pauseMs?: number;
}

/** A client over a real connection, as a browser is one: it takes events, and comes again with the number of the last one. */
export async function watchStream(options: ClientOptions): Promise<Received> {
  const hash = createHash('sha256');
  const state = { events: 0, last: -1, connections: 0 };
  while (state.events < options.count) {
    state.connections += 1;
    await connection(options, state, hash);
  }
  return { events: state.events, hash: hash.digest('hex'), connections: state.connections };
}

interface State {
  events: number;
  last: number;
}

const END = Buffer.from('\n\n');
const LF = 10;
const HEAD = 'id: ';
const DATA = 'data: '.length;

function connection(
  { port, token, recording, count, leaveAfter = count, pauseMs }: ClientOptions,
  state: State,
  hash: Hash,
): Promise<void> {
  const until = state.events + leaveAfter;
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': String(state.last) };
    const path = `/api/recordings/${recording}/stream`;
    const asked = get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the server says ${response.statusCode}`));
      let rest: Buffer = Buffer.alloc(0);
      response.on('data', (bytes: Buffer) => {
        rest = take(rest.length === 0 ? bytes : Buffer.concat([rest, bytes]), state, hash, Math.min(until, count));
        if (state.events >= Math.min(until, count)) asked.destroy();
        else if (pauseMs !== undefined) {
          response.pause();
          setTimeout(() => response.resume(), pauseMs);
        }
      });
      response.on('close', resolve);
      response.on('error', () => resolve());
    });
    asked.on('error', () => resolve());
  });
}

/** Events out of whole frames; what is left over. */
function take(bytes: Buffer, state: State, hash: Hash, until: number): Buffer {
  let at = 0;
  for (let end = bytes.indexOf(END, at); end >= 0 && state.events < until; end = bytes.indexOf(END, at)) {
    if (bytes.subarray(at, at + HEAD.length).toString('latin1') === HEAD) {
      const line = bytes.indexOf(LF, at);
      state.last = Number(bytes.subarray(at + HEAD.length, line).toString('latin1'));
      state.events += 1;
      hash.update(bytes.subarray(line + 1 + DATA, end));
    }
    at = end + END.length;
  }
  return bytes.subarray(at);
}
