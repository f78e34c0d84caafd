import { put } from './details.ts';
import { SectionsVisitor } from './sections-visitor.ts';
import { type Children, linesOf } from './tree.ts';

/** Test results: what failed, in which suite, and why. */
export class KtapVisitor extends SectionsVisitor {
  ktap(children: Children): void {
    let suite = '';
    let why: Record<string, unknown> = {};
    for (const { kind, fields } of linesOf(children.KtapLine)) {
      if (kind === 'ktap-suite') suite = fields.name ?? '';
      else if (kind === 'ktap-plan') this.details.planned ??= Number(fields.planned);
      else if (kind === 'ktap-failed') why = { where: fields.where };
      else if (kind === 'ktap-expected') why.expected ??= fields.expected;
      else if (kind === 'ktap-value') why.found ??= fields.value;
      else if (kind === 'ktap-result') {
        const nested = (fields.indent ?? '') !== '';
        put(this.details, 'failures[]', { test: fields.name, ...(nested && suite !== '' && { suite }), ...why });
        why = {};
      }
    }
  }
}
