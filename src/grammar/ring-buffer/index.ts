export { type DecoderOptions, PageDecoder } from './decoder.ts';
export { type EventFormat, parseFormats } from './event-format.ts';
export { type PageLayout, pageLayout } from './page-layout.ts';
