export { clusterText, plainWord, quoted, quotedList, stateValue } from '../../text/cluster-text.ts';
export { SECRET, SECRET_CHANGED } from '../../text/mask.ts';
