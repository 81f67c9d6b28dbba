import { texts } from '../../mcp/define/input.ts';

const SEPARATOR = /[,\s]+/;

/** Arguments of lists whose fields can be named; `examples` are conditions. */
export function questionArguments(examples: string) {
  return {
    where: texts(examples),
    show: texts('More columns.', SEPARATOR),
    group: texts('Sums by these.', SEPARATOR),
  };
}
