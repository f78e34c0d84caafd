import { expect, test } from 'vitest';
import { otelSettings } from './settings.ts';

const AT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

test.each([
  ['nothing is asked for', {}, undefined],
  ['it is switched off', { ...AT, OTEL_SDK_DISABLED: 'true' }, undefined],
  ['no traces are wanted', { ...AT, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  ['the path is added', AT, { url: 'http://collector:4318/v1/traces', headers: {}, timeoutMs: 10_000, notes: [] }],
  [
    'that of traces stays as it is',
    { ...AT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/t' },
    { url: 'https://other/t' },
  ],
  [
    'headers, time, resource',
    {
      ...AT,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x, a=b=c,nothing',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      OTEL_SERVICE_NAME: 'ci',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,team=fs',
    },
    {
      headers: { authorization: 'Bearer x', a: 'b=c' },
      timeoutMs: 500,
      resource: { 'service.name': 'ci', team: 'fs' },
    },
  ],
  [
    'a protocol that is not spoken',
    { ...AT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { notes: ['traces are sent by http/json, not by grpc'] },
  ],
  ['a time that is none', { ...AT, OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, { timeoutMs: 10_000 }],
  [
    'no URL',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' },
    { problem: 'OTEL_EXPORTER_OTLP_ENDPOINT is no address of HTTP' },
  ],
  [
    'a file',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'file:///etc' },
    { problem: 'OTEL_EXPORTER_OTLP_ENDPOINT is no address of HTTP' },
  ],
])('%s', (_, env, expected) => {
  const settings = otelSettings(env);
  if (expected === undefined) expect(settings).toBeUndefined();
  else expect(settings).toMatchObject(expected);
});
