export { type DecoderOptions, PageDecoder } from './decoder.ts';
export { parseFormats } from './event-format.ts';
export { pageLayout } from './page-layout.ts';
