import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(new URL('kcidb.schema.json', import.meta.url), 'utf8')));

type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly status: string };
export interface KcidbDocument {
  readonly checkouts: readonly Row[];
  readonly builds: readonly Row[];
  readonly tests: readonly Row[];
  readonly issues: readonly Row[];
  readonly incidents: readonly Row[];
}

/** Expects a document to fit the schema, with every reference leading somewhere and no identifier twice. */
export function expectKcidb(text: string): KcidbDocument {
  const document = JSON.parse(text) as KcidbDocument;
  expect(validate(document) ? [] : validate.errors).toEqual([]);
  const { checkouts, builds, tests, issues, incidents } = document;
  const idsOf = (rows: readonly Row[]) => {
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    return ids;
  };
  const [ofCheckouts, ofBuilds, ofTests, ofIssues] = [checkouts, builds, tests, issues].map(idsOf) as [
    string[],
    string[],
    string[],
    string[],
  ];
  idsOf(incidents);
  for (const { checkout_id } of builds) expect(ofCheckouts).toContain(checkout_id);
  for (const { build_id } of tests) expect(ofBuilds).toContain(build_id);
  for (const { issue_id, test_id, build_id } of incidents) {
    expect(ofIssues).toContain(issue_id);
    if (test_id !== undefined) expect(ofTests).toContain(test_id);
    else expect(ofBuilds).toContain(build_id);
  }
  return document;
}
