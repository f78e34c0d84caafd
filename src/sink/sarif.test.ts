import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import AjvDraft4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { KIND_NAMES } from '../model/kinds.ts';
import { stepsOf } from '../run/testing-analyze.ts';
import { ABOUT, FINDING, LOG, render, type Step } from './testing.ts';

// A pattern of the schema is none with the flag u.
const ajv = new AjvDraft4.default({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
/** The schema of the standard (SARIF 2.1.0 rtm.5), as Microsoft's package carries it. */
const validate = ajv.compile(schema);

function parse(text: Buffer) {
  const document = JSON.parse(text.toString());
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  return document.runs[0];
}

describe('SARIF', () => {
  test('what is found in every recording of a guest satisfies the schema', async () => {
    const files = ['kasan', 'kcsan', 'stock'].flatMap((kernel) =>
      readdirSync(join(packageRoot(), 'fixtures/guests', kernel))
        .filter((name) => name.endsWith('.console'))
        .map((name) => `guests/${kernel}/${name}`),
    );
    const steps = await stepsOf(files);
    const { results, tool, artifacts } = parse(render('sarif', steps));
    expect(artifacts).toHaveLength(files.length);
    expect(results.length).toBeGreaterThan(40);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });

  test('rules are kinds, places are code where it is known and the log in any case', () => {
    const { results, tool, invocations } = parse(render('sarif', [{ event: FINDING, about: ABOUT }, { log: LOG }]));
    expect(tool.driver).toMatchObject({ name: 'vexfs-trace', semanticVersion: '1.2.3' });
    expect(tool.driver.rules).toEqual([
      {
        id: 'kasan-use-after-free',
        shortDescription: { text: 'kasan use after free' },
        defaultConfiguration: { level: 'error' },
        properties: { tags: ['crash', 'memory-corruption'] },
      },
    ]);
    expect(results[0]).toMatchObject({
      level: 'error',
      message: { text: 'KASAN: use-after-free Read in vexfs_read (logs/console.log:2-87)' },
      fingerprints: { 'vexfsTrace/v1': 'v1:5b2ff550cf7317d0' },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'fs/vexfs/file.c' }, region: { startLine: 41 } },
          logicalLocations: [{ fullyQualifiedName: 'vexfs::vexfs_read' }],
        },
      ],
      relatedLocations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'logs/console.log' },
            region: { startLine: 2, endLine: 87, byteOffset: 91, byteLength: 5602 },
          },
        },
      ],
    });
    // Frames that the unwinder doubts are left out.
    expect(results[0].stacks.map(({ frames }: { frames: unknown[] }) => frames.length)).toEqual([3, 1]);
    expect(invocations).toEqual([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
  });

  test('without code the log itself is the place', () => {
    const event = { ...FINDING, guiltyFile: '', stacks: [] };
    const [result] = parse(render('sarif', [{ event, about: {} }])).results;
    expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe('logs/console.log');
    expect(result).not.toHaveProperty('relatedLocations');
  });

  test.each([
    ['a name with spaces and signs', 'a b#c?d%.log', 'a%20b%23c%3Fd%25.log'],
    ['an absolute path', '/var/log/kern.log', 'file:///var/log/kern.log'],
    ['what looks like a scheme', 'javascript:alert(1)', 'javascript%3Aalert(1)'],
  ])('%s is a URI', (_name, file, uri) => {
    const evidence = [{ stream: 'file', file, byte: 0, endByte: 1, line: 1 }];
    const event = { ...FINDING, guiltyFile: '', stacks: [], evidence };
    const run = parse(render('sarif', [{ event, about: {} }, { log: { file, bytes: 1 } }]));
    expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
    expect(run.artifacts[0].location.uri).toBe(uri);
  });

  test('every kind is a rule that the schema accepts', () => {
    const steps: Step[] = KIND_NAMES.map((kind) => ({ event: { ...FINDING, kind }, about: {} }));
    expect(parse(render('sarif', steps)).tool.driver.rules).toHaveLength(KIND_NAMES.length);
  });

  test('losses and logs that were not read are notifications', () => {
    const gap = { ...FINDING, event: 'gap', kind: 'printk-dropped', stream: 'file', lost: 17, unit: 'messages' };
    const steps = [
      { event: { ...gap, from: null, to: null } as never, about: {} },
      { log: { ...LOG, problem: 'permission denied' } },
    ];
    const [invocation] = parse(render('sarif', steps)).invocations;
    expect(invocation).toEqual({
      executionSuccessful: false,
      toolExecutionNotifications: [
        { level: 'warning', message: { text: 'lost: 17 messages (printk-dropped) in logs/console.log:2' } },
        { level: 'error', message: { text: 'logs/console.log: permission denied' } },
      ],
    });
  });
});
