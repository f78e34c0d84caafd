export { type DecoderOptions, PageDecoder } from './decoder.ts';
export { parseFormats } from './event-format.ts';
export { FrameReader } from './frames.ts';
export { pageLayout } from './page-layout.ts';
