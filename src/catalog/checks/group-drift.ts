import type { EksNodegroup } from '../../model/aws.ts'
import { IMAGE_LABEL, type Node, TEMPLATE_VERSION_LABEL } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, groupNameOf, nodesOf, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

/** All nodes of a group are alike, and what the group says they are. */
export const groupDrift: CheckDefinition = {
  code: 'GROUP_DRIFT',
  title: 'All nodes of a group have one image and the template version that the group names',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeNodegroup', 'kubernetes:nodes'],
  notApplicable: noGroupChanges,
  prevents:
    'A way back to something that half of the nodes never were: an earlier update stopped in the middle, or somebody changed the template behind the back of EKS, and the group still reads ACTIVE.',
  remedy: 'Bring the group to one version first: `aws eks update-nodegroup-version --cluster-name CLUSTER --nodegroup-name GROUP`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  evaluate: ({ snapshot, plan, intent }) => {
    const byGroup = Map.groupBy(nodesOf(snapshot), (node) => groupNameOf(node) ?? '')
    const groups = changingGroups(intent)
    const found = groups.flatMap(({ name }) =>
      judge(
        name,
        snapshot.aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === name),
        byGroup.get(name) ?? [],
      ),
    )
    return foundOr(found, plan, `${count(groups.length, 'node group')}, in each all nodes alike.`)
  },
}

function judge(name: string, group: EksNodegroup | undefined, nodes: readonly Node[]): readonly CheckFinding[] {
  return [...mixed(name, nodes, IMAGE_LABEL, 'image'), ...behind(name, group?.launchTemplate?.version, nodes)]
}

function mixed(group: string, nodes: readonly Node[], label: string, noun: string): readonly CheckFinding[] {
  const told = nodes.filter(({ metadata }) => metadata.labels?.[label] !== undefined)
  const kinds = [...Map.groupBy(told, ({ metadata }) => metadata.labels?.[label] ?? '')].toSorted(([, a], [, b]) => b.length - a.length)
  if (kinds.length < 2) return []
  const parts = kinds.map(
    ([value, all]) =>
      `${value} on ${names(
        all.map(({ metadata }) => metadata.name),
        3,
      )}`,
  )
  return [finding(group, `Nodes of ${group} have ${kinds.length} ${noun}s: ${parts.join('; ')}. An earlier update ended half-way.`)]
}

/** `$Latest` names no version to compare with. */
function behind(group: string, version: string | undefined, nodes: readonly Node[]): readonly CheckFinding[] {
  if (version === undefined || !/^\d+$/.test(version)) return []
  const others = nodes.filter(({ metadata }) => (metadata.labels?.[TEMPLATE_VERSION_LABEL] ?? version) !== version)
  const [first] = others
  if (first === undefined) return []
  const message = `${group} names version ${version} of its launch template, ${names(
    others.map(({ metadata }) => metadata.name),
    3,
  )} came from ${first.metadata.labels?.[TEMPLATE_VERSION_LABEL]}.`
  return [finding(group, message)]
}

function finding(group: string, message: string): CheckFinding {
  return { verdict: 'warn', subject: `NodeGroup/${group}`, message }
}
