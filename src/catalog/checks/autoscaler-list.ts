import type { GroupIntent } from '../../model/intent.ts'
import type { Workload } from '../../model/kubernetes.ts'
import { AUTOSCALER_TAG } from '../../model/replacement.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupIsReplaced, replacedGroups } from './reading/replaced.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** An autoscaler with a list of groups is not kept away by a tag, and never learns of a new group. */
export const autoscalerList: CheckDefinition = {
  code: 'AUTOSCALER_LIST',
  title: 'Cluster Autoscaler finds groups by tag, where one gives way to another',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:deployments'],
  notApplicable: noGroupIsReplaced,
  prevents:
    'An autoscaler that is told its groups by `--nodes=`: it goes on sizing the old group while that is emptied, and never sizes the new one, so that pods stay Pending days later.',
  remedy:
    'Let it find groups by their tag (`--node-group-auto-discovery`), or scale it to zero for the run and write the new group into its list.',
  source: 'https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md',
  evaluate: ({ snapshot, plan, intent }) => {
    const groups = replacedGroups(intent)
    const deployments = objectsOf<Workload>(snapshot, 'Deployment').filter(({ spec }) => spec?.replicas !== 0)
    const found = deployments.flatMap((each) => groups.flatMap((group) => judge(each, group, plan.cluster.name)))
    return foundOr(found, plan, `${count(groups.length, 'group')} that give way, none in the list of an autoscaler.`)
  },
}

/** `--nodes=1:4:NAME` */
const ENTRY = /^--nodes=\d+:\d+:(.+)$/

function judge({ metadata, spec }: Workload, group: GroupIntent, cluster: string): readonly CheckFinding[] {
  const { namespace, name } = metadata
  const words = (spec?.template?.spec?.containers ?? []).flatMap(({ args = [] }) => args)
  const entry = words.find((word) => ENTRY.exec(word)?.[1] === group.autoScalingGroup)
  if (entry === undefined || group.autoScalingGroup === undefined) return []
  const message = `Its list names ${group.name} (\`${entry}\`): it goes on sizing it while it is emptied, and does not know ${group.replacement?.group}.`
  const remedy = `\`kubectl -n ${namespace} edit deployment ${name}\`: \`--node-group-auto-discovery=asg:tag=${AUTOSCALER_TAG},k8s.io/cluster-autoscaler/${cluster}\` in the place of its \`--nodes\`, with both tags on every group; or \`kubectl -n ${namespace} scale deployment ${name} --replicas=0\` for the run, and the new group in its list afterwards.`
  return [{ verdict: 'warn', subject: `Deployment/${namespace}/${name}`, message, remedy }]
}
