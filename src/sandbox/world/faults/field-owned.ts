import { z } from 'zod'
import { defineFault } from './fault.ts'

export const fieldOwned = defineFault({
  name: 'field-owned',
  codes: ['F20'],
  title: 'a field that an add-on sets belongs to another manager, and the update does not say what to do about conflicts',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html',
  needs: ['addon'],
  parameters: {
    /** `DaemonSet.apps aws-node` */
    object: z.string(),
    /** `.spec.template.spec.containers[name="aws-node"].env[name="WARM_IP_TARGET"].value` */
    field: z.string(),
  },
  levers: {
    'addon/update': ({ resolveConflicts }, { object, field }) =>
      resolveConflicts === 'OVERWRITE' || resolveConflicts === 'PRESERVE'
        ? undefined
        : {
            code: 'ConfigurationConflict',
            message: `Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\n${object} - ${field}`,
            resourceIds: [],
          },
  },
})
