import { parseAddonVersion } from '../../model/addon-version.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { CNI } from './reading/addons.ts'
import { crosses } from './reading/crossing.ts'
import { fieldsOfOthers } from './reading/field-owners.ts'
import { awsNodeDaemonSet } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'

/** What of aws-node has to move with ipamd when it goes from TCP 50051 to a socket. */
const MOVES = /\[(aws-node|aws-eks-nodeagent)\]\.(image$|(liveness|readiness)Probe)/

/** Nothing is left behind when ipamd changes where it listens. */
export const cniSocket: CheckDefinition = {
  code: 'CNI_SOCKET',
  title: 'Nobody holds on to a probe or an image of aws-node that v1.23 changes',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:daemonsets'],
  notApplicable: ({ intent }) => (crossesSocket(intent) ? undefined : 'ipamd goes on listening where it does.'),
  prevents:
    'aws-node that is killed every minute on every node: since v1.23.0 ipamd no longer listens on TCP 50051, and a probe or node agent that PRESERVE keeps from before goes on asking there.',
  remedy: 'Give the fields back to EKS: take `resolveConflicts: OVERWRITE` for this run, or remove them with the tool that set them.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/CHANGELOG.md',
  evaluate: ({ snapshot, intent, plan }) => {
    const kept = intent.addons.find(({ name }) => name === CNI)?.resolveConflicts !== 'OVERWRITE'
    const owned = kept ? fieldsOfOthers(awsNodeDaemonSet(snapshot)?.metadata.managedFields) : []
    const found = owned.flatMap(({ manager, fields }): readonly CheckFinding[] => {
      const old = fields.filter((field) => MOVES.test(field))
      if (old.length === 0) return []
      const message = `${manager} owns ${old.join(', ')}, and this run keeps it as it is; from v1.23.0 on ipamd listens on a socket, and what still asks TCP 50051 gets no answer.`
      return [{ verdict: 'block', subject: 'DaemonSet/kube-system/aws-node', message }]
    })
    return foundOr(found, plan, 'Probes and node agent of aws-node are those of EKS, which changes them with v1.23.')
  },
}

function crossesSocket({ addons }: CheckInput['intent']): boolean {
  return addons.some((addon) => addon.name === CNI && crosses(addon, parseAddonVersion('1.23.0')) === 'up')
}
