import { z } from 'zod'
import { defineFault } from './fault.ts'

export const webhookAnswers = defineFault({
  name: 'webhook-answers',
  codes: ['P01'],
  title: 'the code behind an admission webhook rewrites pods, adds a label, denies, is not reached or answers too late',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
  where: ['cluster', 'webhook'],
  needs: ['webhook'],
  parameters: { behaviour: z.enum(['add-label', 'rewrite-pod-spec', 'deny', 'unreachable', 'timeout']) },
  levers: { 'webhook/answer': (_subject, { behaviour }) => behaviour },
})
