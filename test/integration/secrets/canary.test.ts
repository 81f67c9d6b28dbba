import { afterEach, expect, test } from 'vitest';
import { lookForSecrets, takeLeaks } from '../../support/canary.ts';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
afterEach(() => lab.close());

test('every cluster holds a secret, which the store does not hold', async () => {
  lab = await startLab({ guests: 12 });
  await lab.discover();
  const { resource } = await lab.call('get_resource', { resource: 'vm/105', include: ['config'] });
  expect(resource.config.description).toBe('Console login: admin, password: (secret)');
  expect(lab.sim.truth.state().guests['vm/105']!.config['description']).toContain('canary-');
  expect((await lab.store.configs([{ type: 'vm', id: 105 }]))[0]!.config['description']).toMatch(
    /^Console login: admin, password: \(secret~[0-9a-f]{4}\)$/,
  );
  expect(takeLeaks()).toEqual([]);
});

test('a secret that is shown is found, whether planted in the cluster or a token of ours', async () => {
  lab = await startLab({ guests: 4 });
  const token = lab.sim.tokens.full.split('=')[1]!;
  lookForSecrets('here', `login: ${token}`);
  lookForSecrets('there', 'password: canary-console');
  expect(takeLeaks()).toEqual([expect.stringMatching(/^here: /), expect.stringMatching(/^there: /)]);
});
