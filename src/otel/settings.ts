import type { Attributes } from './otlp-json.ts';

/** Where spans are sent, as the variables of OpenTelemetry say it (opentelemetry.io/docs/specs/otel/protocol/exporter). */
export interface OtelSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly resource: Attributes;
  /** What was asked for and is not done. */
  readonly notes: readonly string[];
}

const TIMEOUT_MS = 10_000;
const PATH = 'v1/traces';

/** Undefined where nobody asked for it. A URL that is none is a note. */
export function otelSettings(env: NodeJS.ProcessEnv): OtelSettings | { readonly problem: string } | undefined {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const text = own || base;
  if (!text || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return undefined;
  const url = urlOf(own ? own : `${text.replace(/\/+$/, '')}/${PATH}`);
  if (url === undefined)
    return {
      problem: `${own ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT'} is no address of HTTP`,
    };
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/json';
  const timeoutMs = Number(env.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT || env.OTEL_EXPORTER_OTLP_TIMEOUT || TIMEOUT_MS);
  return {
    url,
    headers: { ...pairs(env.OTEL_EXPORTER_OTLP_HEADERS), ...pairs(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS) },
    timeoutMs: Number.isFinite(timeoutMs) && timeoutMs > 0 ? timeoutMs : TIMEOUT_MS,
    resource: {
      'service.name': 'vexfs-trace',
      ...pairs(env.OTEL_RESOURCE_ATTRIBUTES),
      ...(env.OTEL_SERVICE_NAME && { 'service.name': env.OTEL_SERVICE_NAME }),
    },
    notes: protocol.startsWith('http') ? [] : [`traces are sent by http/json, not by ${protocol}`],
  };
}

function urlOf(text: string): string | undefined {
  try {
    const { href, protocol } = new URL(text);
    return protocol === 'http:' || protocol === 'https:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** `a=b,c=d%20e`, as W3C Baggage has it. */
function pairs(text = ''): Record<string, string> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const equals = pair.indexOf('=');
      return equals <= 0 ? [] : [[pair.slice(0, equals).trim(), decoded(pair.slice(equals + 1).trim())]];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
