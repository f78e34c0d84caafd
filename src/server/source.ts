import type {
  AboutServer,
  Digest,
  IncidentGroup,
  IncidentGroupDetail,
  PatternItem,
  RunComparison,
  RunDetail,
  RunItem,
  StreamItem,
} from '../model/dashboard.ts';
import type { Feed } from './feed.ts';

/** Bytes of a raw stream, and where they stand in it. */
export interface StreamWindow {
  readonly from: number;
  /** Of the whole stream, now. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

export interface Report {
  readonly html: string;
}

/** Where the answers come from. What is not there is undefined; what cannot be is an ExpectedError. */
export interface Source {
  about(): Promise<AboutServer>;
  /** The last first. */
  runs(limit: number): Promise<readonly RunItem[]>;
  run(id: string): Promise<RunDetail | undefined>;
  /** The events of a recording, shared by all who watch it; `release` when they are not needed any more. */
  feed(recording: string): Promise<Feed | undefined>;
  release(feed: Feed): void;
  digest(recording: string): Promise<Digest | undefined>;
  streams(recording: string): Promise<readonly StreamItem[] | undefined>;
  /** `from` below zero counts from the end. */
  window(recording: string, stream: string, from: number, length: number): Promise<StreamWindow | undefined>;
  incidents(search: string): Promise<readonly IncidentGroup[]>;
  incident(fingerprint: string): Promise<IncidentGroupDetail | undefined>;
  patterns(): Promise<readonly PatternItem[]>;
  compare(a: string, b: string): Promise<RunComparison | undefined>;
  report(run: string): Promise<Report | undefined>;
  close(): Promise<void>;
}

/** What a reader with the right to write may do. Each gives false where there is no such run. */
export interface Writes {
  keep(run: string, kept: boolean): Promise<boolean>;
  /** Out of the store; a folder stays. */
  remove(run: string): Promise<boolean>;
  baseline(name: string, run: string): Promise<boolean>;
}
