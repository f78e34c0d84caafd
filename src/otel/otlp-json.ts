import type { Span } from './span.ts';

const INTERNAL = 1;
const OK = 1;
const ERROR = 2;
const MAX_TEXT = 1000;

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/**
 * An ExportTraceServiceRequest in the JSON of OTLP (opentelemetry-proto, collector/trace/v1, and the protobuf mapping of the OTLP
 * specification): ids are hexadecimal, 64-bit numbers are text.
 */
export function otlpJson(
  resource: Attributes,
  scope: { readonly name: string; readonly version: string },
  spans: readonly Span[],
): string {
  return JSON.stringify({
    resourceSpans: [
      { resource: { attributes: attributes(resource) }, scopeSpans: [{ scope, spans: spans.map(spanJson) }] },
    ],
  });
}

function spanJson({ trace, id, parent, name, startMs, endMs, attributes: all, ok, message }: Span): object {
  return {
    traceId: trace,
    spanId: id,
    ...(parent !== undefined && { parentSpanId: parent }),
    name: name.slice(0, MAX_TEXT),
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributes(all),
    status:
      ok === undefined
        ? {}
        : { code: ok ? OK : ERROR, ...(message !== undefined && { message: message.slice(0, MAX_TEXT) }) },
  };
}

/** A double cannot hold them. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}

function attributes(all: Attributes): object[] {
  return Object.entries(all).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value.slice(0, MAX_TEXT) };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
