import { conditionOf, type Pod } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckInput } from './definition.ts'
import { addonOf, CNI } from './reading/addons.ts'
import { nodesOf } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

const AGENT = 'eks-pod-identity-agent'

/** Where aws-node gets its credentials from EKS Pod Identity, the agent that hands them out is there first. */
export const podIdentityAgent: CheckDefinition = {
  code: 'POD_IDENTITY_AGENT',
  title: 'The pod identity agent is ready on every node whose aws-node needs it',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'kubernetes:nodes', 'kubernetes:pods'],
  notApplicable,
  prevents: 'aws-node that hangs at its IPAM check because nobody hands it credentials: the association is there, the agent is not.',
  remedy: 'Install it first: `aws eks create-addon --cluster-name CLUSTER --addon-name eks-pod-identity-agent`.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3840',
  evaluate: ({ snapshot, plan }) => {
    const ready = new Set(
      objectsOf<Pod>(snapshot, 'Pod')
        .filter(
          ({ metadata, status }) => metadata.name.startsWith(`${AGENT}-`) && conditionOf(status?.conditions, 'Ready')?.status === 'True',
        )
        .map(({ spec }) => spec?.nodeName ?? ''),
    )
    const nodes = nodesOf(snapshot).map((node) => node.metadata.name)
    const without = nodes.filter((name) => !ready.has(name))
    const found = {
      verdict: 'block' as const,
      subject: `Addon/${AGENT}`,
      message: `vpc-cni has its credentials from EKS Pod Identity, but no ready ${AGENT} is on ${count(without.length, 'node')} (${names(without)}): aws-node would hang at its next start there.`,
    }
    return foundOr(without.length > 0 ? [found] : [], plan, `${AGENT} is ready on all of ${count(nodes.length, 'node')}.`)
  },
}

function notApplicable({ snapshot }: CheckInput): string | undefined {
  if (snapshot.aws.addons === undefined) return undefined
  const associations = addonOf(snapshot, CNI)?.podIdentityAssociations ?? []
  return associations.length === 0 ? 'vpc-cni does not get its credentials from EKS Pod Identity.' : undefined
}
