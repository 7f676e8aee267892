import { z } from 'zod'
import { defineFault } from './fault.ts'

export const addonAdmissionDenied = defineFault({
  name: 'addon-admission-denied',
  codes: ['F21'],
  title: 'a policy engine refuses the objects of an add-on',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html',
  needs: ['addon'],
  parameters: { webhook: z.string(), reason: z.string() },
  levers: {
    'addon/update': (_subject, { webhook, reason }) => ({
      code: 'AdmissionRequestDenied',
      message: `admission webhook "${webhook}" denied the request: ${reason}`,
      resourceIds: [],
    }),
  },
})
