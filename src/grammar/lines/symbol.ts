/** `%pS`: a name, perhaps with what compilers append, its offset and its size (lib/vsprintf.c symbol_string). */
export const SYMBOL = '(?<fn>[A-Za-z0-9_$]+)(?:\\.[A-Za-z0-9_.]+)?\\+(?<offset>0x[0-9a-f]+)/(?<size>0x[0-9a-f]+)';
/** The module of a symbol, perhaps with its taint letters and build id. */
export const MODULE = '(?: \\[(?<module>[A-Za-z0-9_-]+)(?:\\([A-Z+-]+\\))?(?: (?<buildId>[0-9a-f]{8,40}))?\\])?';
/** The place in the source, in a symbolized report. */
export const PLACE = '(?: (?<file>[A-Za-z0-9_./-]+\\.[a-zA-Z]+):(?<line>[0-9]+))?';
