import { expect } from 'vitest';
import type { Answer } from '../../support/answer.ts';
import { type Family, question } from '../question.ts';
import { keyOf } from '../stage.ts';

const found = ({ matches }: Answer<'find_resources'>) => matches.map(one => one.resource).sort();

/** Whose is it, and where does it lie. */
export const search: Family = {
  title: 'Whose is it',
  questions: [
    question({
      ask: 'Which machine has the address 10.10.0.202?',
      calls: [['find_resources', { query: '10.10.0.202' }]],
      tells: 'The guest, which field told it, and how old that is.',
      check: ([answer]) => expect(found(answer)).toEqual(['container/201']),
    }),
    question({
      ask: 'Whose MAC address is BC:24:11:5B:9E:9F?',
      calls: [['find_resources', { query: 'bc:24:11:5b:9e:9f' }]],
      tells: 'The guest and its network card.',
      check: ([answer]) => expect(found(answer)).toEqual(['vm/100']),
    }),
    question({
      ask: 'Where does the name nas occur?',
      calls: [['find_resources', { query: 'nas' }]],
      tells: 'The storage, the guests whose disks lie there, and whatever else holds the word.',
      check: ([answer]) =>
        expect(found(answer)).toEqual(expect.arrayContaining(['storage/nas', 'vm/113', 'vm/116'])),
    }),
    question({
      ask: 'Which machines have snapshots, and how old are they?',
      calls: [['find_resources', { query: 'snapshots' }]],
      tells: 'The guests that have some, with names and times.',
      check: ([answer], { guests }) => {
        const having = guests.filter(one => one.snapshots.length > 0).map(keyOf);
        expect(having.length).toBeGreaterThan(2);
        expect(found(answer)).toEqual(having.sort());
      },
    }),
  ],
};
