export { clusterText, plainWord, quoted, quotedList, stateValue } from '../../src/text/cluster-text.ts';
export { SECRET, SECRET_CHANGED } from '../../src/text/mask.ts';
