import type { CheckDefinition } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'
import { count, names } from './reading/wording.ts'

/** Every class of nodes in the waves is represented in the canary. */
export const nodeClasses: CheckDefinition = {
  code: 'CANARY_COVERAGE',
  title: 'Every class of nodes is represented in the canary',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes'],
  notApplicable: noGroupChanges,
  prevents:
    'A failure that only one image, architecture or instance family shows: with no such node in the canary it is first met in the waves.',
  remedy: 'Add a small group of that class to `canary.nodeGroups`.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3431',
  evaluate: ({ intent, plan }) => {
    const groups = changingGroups(intent)
    // a canary group that no longer changes already runs the target; an empty one proves nothing
    const canaries = intent.groups.filter((group) => group.phase === 'canary' && group.nodes > 0)
    const covered = new Set(canaries.map((group) => group.nodeClass))
    const uncovered = Map.groupBy(
      groups.filter((group) => !covered.has(group.nodeClass)),
      (group) => group.nodeClass,
    )
    if (uncovered.size === 0) {
      const message = `The canary has a group of every class: ${names([...covered])}.`
      return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message }]
    }
    return [...uncovered].map(([nodeClass, members]) => ({
      verdict: 'warn',
      subject: `NodeClass/${nodeClass}`,
      message:
        `No canary is of the class ${nodeClass}: ${names(members.map((group) => group.name))} ` +
        `(${count(
          members.reduce((sum, group) => sum + group.nodes, 0),
          'node',
        )}) would be the first. The gates of the wave are the first proof for them.`,
    }))
  },
}
