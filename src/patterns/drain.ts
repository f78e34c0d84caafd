import { isVariable, wordsOf } from './template.ts';

export interface Cluster<T> {
  /** Words of the template; `<*>` where its members differ. */
  words: string[];
  readonly members: T[];
}

/** Words that are alike, of all, from which on two texts are of one template. */
const SIMILAR = 0.6;
/** Clusters of a leaf; hostile logs do not make more. */
const MAX_LEAF = 200;
const MAX_LEAVES = 5000;

/**
 * Log templates in the manner of Drain (He, Zhu, Zheng, Lyu: An Online Log Parsing Approach with Fixed Depth Tree, ICWS 2017): texts
 * of the same number of words and the same first word are compared with the templates there are. One pass, bounded memory.
 */
export class TemplateTree<T> {
  readonly #leaves = new Map<string, Cluster<T>[]>();

  add(text: string, member: T): void {
    const words = wordsOf(text.slice(0, 400)).map((word, i) => (i % 2 === 0 && isVariable(word) ? '<*>' : word));
    const key = `${words.length} ${words.find((word) => word !== '') ?? ''}`;
    const leaf = this.#leaves.get(key) ?? [];
    if (leaf.length === 0 && this.#leaves.size < MAX_LEAVES) this.#leaves.set(key, leaf);
    const [near] = leaf
      .map((cluster) => ({ cluster, alike: likeness(cluster.words, words) }))
      .filter(({ alike }) => alike >= SIMILAR)
      .sort((a, b) => b.alike - a.alike);
    if (near === undefined) {
      if (leaf.length < MAX_LEAF) leaf.push({ words, members: [member] });
      return;
    }
    near.cluster.words = near.cluster.words.map((word, i) => (word === words[i] ? word : '<*>'));
    near.cluster.members.push(member);
  }

  clusters(): { readonly template: string; readonly members: readonly T[] }[] {
    return [...this.#leaves.values()].flat().map(({ words, members }) => ({ template: words.join(''), members }));
  }
}

/** Share of the words that are the same; what separates them does not count. */
function likeness(template: readonly string[], words: readonly string[]): number {
  let same = 0;
  let all = 0;
  for (let i = 0; i < words.length; i += 2) {
    if (words[i] === '' && template[i] === '') continue;
    all += 1;
    if (template[i] === words[i]) same += 1;
  }
  return all === 0 ? 1 : same / all;
}
