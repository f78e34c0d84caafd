import { put } from './details.ts';
import { SectionsVisitor } from './sections-visitor.ts';
import { type Children, linesOf } from './tree.ts';

const COUNTER = /([a-z][a-z_]{1,24}):(\d+)/g;
const MAX_COUNTERS = 32;

/** The OOM killer and failed allocations: who asked for how much, what memory there was, who had it. */
export class OomVisitor extends SectionsVisitor {
  oom(children: Children): void {
    this.role = 'task';
    for (const { text, kind, fields } of linesOf(children.MemoryRow)) {
      if (kind === 'mem-count') {
        for (const [, name, pages] of [...text.matchAll(COUNTER)].slice(0, MAX_COUNTERS))
          this.#count(name ?? '', pages);
      } else if (kind === 'mem-pages') this.#count(fields.counter ?? '', fields.number);
      else this.#count(`${fields.what}_swap_kb`, fields.kb);
    }
    this.walk(children);
  }

  table(children: Children): void {
    for (const { fields } of linesOf(children.TableRow)) {
      this.tasks.push({
        pid: Number(fields.pid),
        uid: Number(fields.uid),
        rssPages: Number(fields.rss),
        totalVmPages: Number(fields.totalVm),
        oomScoreAdj: Number(fields.adj),
        name: fields.name ?? '',
      });
    }
  }

  #count(name: string, value: string | undefined): void {
    put(this.details, 'memory', { [camel(name)]: Number(value) });
  }
}

/** `active_anon` as `activeAnon`, `total pagecache pages` as `totalPagecachePages`. */
function camel(name: string): string {
  const [first = '', ...rest] = name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean);
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
