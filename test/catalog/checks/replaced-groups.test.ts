import { autoscalerList } from '../../../src/catalog/checks/autoscaler-list.ts'
import { pinnedToGroup } from '../../../src/catalog/checks/pinned-to-group.ts'
import type { KubernetesObject, PodSpec } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { autoScalingGroupName } from '../../support/healthy-cluster.ts'
import { autoscalerOf, givesWay } from '../../support/replaced-group.ts'
import { addObjects, changePods } from '../../support/snapshot-builder.ts'

/** app-a gives way to app-c. */
const intent = givesWay('app-a', 'app-c')

checkTable(
  autoscalerList,
  [
    {
      title: 'an autoscaler whose list names the old group',
      snapshot: [autoscalerOf(`--nodes=1:8:${autoScalingGroupName('app-a')}`)],
      ...{ intent, verdict: 'warn', subject: 'Deployment/kube-system/cluster-autoscaler' },
      words: ['Its list names app-a', 'does not know app-c'],
      remedy: 'kubectl -n kube-system edit deployment cluster-autoscaler',
    },
    {
      title: 'one whose list names another',
      snapshot: [autoscalerOf(`--nodes=1:8:${autoScalingGroupName('app-b')}`)],
      intent,
      verdict: 'pass',
    },
    { title: 'one that finds groups by tag', snapshot: [autoscalerOf()], intent, verdict: 'pass' },
    {
      title: 'such a list, and no group gives way',
      snapshot: [autoscalerOf(`--nodes=1:8:${autoScalingGroupName('app-a')}`)],
      verdict: 'pass',
    },
  ],
  { intent },
)

const NODEGROUP = 'eks.amazonaws.com/nodegroup'

/** The pods of web, of which some run on app-a. */
const asking = (spec: Partial<PodSpec>) => changePods('web', (pod) => ({ ...pod, spec: { ...pod.spec, ...spec } }))
const among = (...values: readonly string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: NODEGROUP, operator: 'In', values }] }],
      },
    },
  },
})
const volume = (key: string, value: string) =>
  addObjects(
    ...([
      { kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'shop' }, spec: { volumeName: 'pv-1' } },
      {
        kind: 'PersistentVolume',
        metadata: { name: 'pv-1' },
        spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }] } } },
      },
    ] as unknown as readonly KubernetesObject[]),
  )
const WITH_VOLUME = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } as Partial<PodSpec>
const BLOCKED = { intent, verdict: 'block', subject: 'Deployment/shop/web' } as const

checkTable(
  pinnedToGroup,
  [
    {
      ...{ title: 'a node selector that names the old group', snapshot: [asking({ nodeSelector: { [NODEGROUP]: 'app-a' } })], ...BLOCKED },
      words: ['of Deployment/shop/web ask for app-a', 'app-c has another name', 'once evicted they find no node'],
      remedy: '`eks.amazonaws.com/nodegroup in (app-a, app-c)` as node affinity: `kubectl -n shop edit deployment web`',
    },
    { title: 'an affinity that names the old group', snapshot: [asking(among('app-a'))], ...BLOCKED },
    {
      ...{
        title: 'an affinity that names a group which stays too',
        snapshot: [asking(among('app-a', 'data'))],
        ...BLOCKED,
        verdict: 'warn',
      },
      words: ['only nodes of other groups take them'],
    },
    { title: 'an affinity that names both', snapshot: [asking(among('app-a', 'app-c'))], intent, verdict: 'pass' },
    { title: 'a volume of the old group', snapshot: [asking(WITH_VOLUME), volume(NODEGROUP, 'app-a')], ...BLOCKED },
    { title: 'a volume of a zone', snapshot: [asking(WITH_VOLUME), volume('kubernetes.io/os', 'linux')], intent, verdict: 'pass' },
    {
      title: 'a selector of the old group, and no group gives way',
      snapshot: [asking({ nodeSelector: { [NODEGROUP]: 'app-a' } })],
      verdict: 'pass',
    },
  ],
  { intent },
)
