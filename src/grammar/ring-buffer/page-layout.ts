/** Where the parts of a page stand, from `events/header_page` of tracefs. */
export interface PageLayout {
  /** Bytes of a page as `trace_pipe_raw` gives it: the kernel's, or larger with `buffer_subbuf_size_kb` (6.8 and later). */
  readonly pageBytes: number;
  readonly timestampAt: number;
  readonly commitAt: number;
  readonly commitBytes: 4 | 8;
  readonly dataAt: number;
}

/** x86-64 and arm64 with pages of 4 KiB, 6.1 to 6.18. */
export const PAGE_4K: PageLayout = { pageBytes: 4096, timestampAt: 0, commitAt: 8, commitBytes: 8, dataAt: 16 };

const FIELD = /^\s*field: ?([^;]{1,80});\s*offset:(\d{1,7});\s*size:(\d{1,7});/gm;
const MAX_PAGE = 1 << 20;

/** Reads `events/header_page` (kernel/trace/ring_buffer.c, ring_buffer_print_page_header); null when it is none, or no page can be like that. */
export function pageLayout(text: string): PageLayout | null {
  const fields = new Map<string, { readonly at: number; readonly bytes: number }>();
  for (const [, declared = '', at, bytes] of text.slice(0, 4096).matchAll(FIELD))
    fields.set(declared.slice(declared.lastIndexOf(' ') + 1), { at: Number(at), bytes: Number(bytes) });
  const timestamp = fields.get('timestamp');
  const commit = fields.get('commit');
  const data = fields.get('data');
  if (timestamp?.bytes !== 8 || !commit || (commit.bytes !== 4 && commit.bytes !== 8) || !data) return null;
  const pageBytes = data.at + data.bytes;
  if (pageBytes > MAX_PAGE || timestamp.at + 8 > data.at || commit.at + commit.bytes > data.at) return null;
  return { pageBytes, timestampAt: timestamp.at, commitAt: commit.at, commitBytes: commit.bytes, dataAt: data.at };
}
