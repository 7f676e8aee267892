import { z } from 'zod'
import { defineFault } from './fault.ts'

export const rbacLacksVerb = defineFault({
  name: 'rbac-lacks-verb',
  codes: ['F10'],
  title: 'the ClusterRole of a service account is older than its image: it lacks verbs on resources',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2218, https://github.com/aws/amazon-vpc-cni-k8s/issues/2947',
  needs: ['user'],
  parameters: { verbs: z.array(z.string()).min(1), resources: z.array(z.string()).min(1) },
  levers: {
    'rbac/denied': ({ verb = '', resource = '' }, { verbs, resources }) =>
      verbs.includes(verb) && resources.includes(resource) ? true : undefined,
  },
})
