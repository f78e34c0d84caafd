import * as z from 'zod';
import { patternSchema } from './schema.ts';

/** The schema of pattern files as JSON Schema, for editors: patterns/pattern.schema.json is this, and a test says when it is not. */
export function patternJsonSchema(): string {
  const schema = z.toJSONSchema(patternSchema, { io: 'input', reused: 'ref' });
  const described = {
    ...schema,
    title: 'A pattern of vexfs-trace',
    description: 'One file a pattern: patterns/<area>/<id>.yaml',
  };
  return `${JSON.stringify(described, null, 2)}\n`;
}
