import type { GroupIntent } from '../../model/intent.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** No update takes a whole group away at once. */
export const updateWidth: CheckDefinition = {
  code: 'UPDATE_WIDTH',
  title: 'No group loses all of its nodes at the same time',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeNodegroup'],
  notApplicable: noGroupChanges,
  prevents:
    'An outage of everything that runs on one group only: with MINIMAL its last node ends before the next one comes, and with a maxUnavailable as large as the group all of it is drained together.',
  remedy: 'Lower maxUnavailable for the group under `nodeGroups` in the plan, or use updateStrategy DEFAULT.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  evaluate: ({ plan, intent }) => {
    const groups = changingGroups(intent)
    return foundOr(groups.flatMap(judge), plan, `${count(groups.length, 'node group')}, each keeping a node while others go.`)
  },
}

function judge({ name, nodes, maxUnavailable, updateStrategy, zones }: GroupIntent): readonly CheckFinding[] {
  if (nodes === 0 || maxUnavailable < nodes) return []
  const subject = `NodeGroup/${name}`
  if (updateStrategy === 'MINIMAL') {
    const message = `${name} has ${count(nodes, 'node')}, of which ${maxUnavailable} may go at a time, and MINIMAL ends them before new ones come: for some minutes it has none.`
    const remedy = `Set \`updateStrategy: DEFAULT\` for ${name} in the plan, or scale it up first: \`aws eks update-nodegroup-config --nodegroup-name ${name} --scaling-config desiredSize=${maxUnavailable + 1} …\`.`
    return [{ verdict: 'warn', subject, message, remedy }]
  }
  if (nodes === 1) return []
  const message = `${name} has ${count(nodes, 'node')}, and all of them may be drained together (maxUnavailable ${maxUnavailable}), once the ${count(Math.max(2 * zones.length, maxUnavailable), 'surge node')} are there: everything on it moves in one go.`
  const remedy = `Set \`maxUnavailable: ${Math.max(1, Math.floor(nodes / 3))}\` for ${name} under \`nodeGroups\` in the plan.`
  return [{ verdict: 'warn', subject, message, remedy }]
}
