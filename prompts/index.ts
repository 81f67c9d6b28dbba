import type { PromptDefinition } from '../src/mcp/define/prompt.ts';
import { capacityReport } from './capacity-report.ts';
import { healthReview } from './health-review.ts';
import { investigateResource } from './investigate-resource.ts';
import { whatsChanged } from './whats-changed.ts';

/** Every prompt, in the order hosts show them. */
export const prompts: readonly PromptDefinition[] = [
  whatsChanged,
  investigateResource,
  healthReview,
  capacityReport,
];
