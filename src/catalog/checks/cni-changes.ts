import { parseAddonVersion } from '../../model/addon-version.ts'
import type { AddonIntent } from '../../model/intent.ts'
import { CNI_VARIABLES, CNI_VARIABLES_SOURCE } from '../knowledge/cni-variables.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { cniStays, movingCni } from './reading/addons.ts'
import { crosses } from './reading/crossing.ts'
import { awsNodeDaemonSet, awsNodeVariable } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'

const SUBJECT = 'DaemonSet/kube-system/aws-node'

/** The settings of aws-node mean the same after the update. */
export const cniChanges: CheckDefinition = {
  code: 'CNI_CHANGES',
  title: 'No setting of aws-node means something else after the update',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'kubernetes:daemonsets', 'ec2:DescribeSubnets'],
  notApplicable: cniStays,
  prevents:
    'A network that changes with the version although nobody changed a setting: a variable that lay idle takes effect, one that mattered is heeded no longer, or one that the new version needs is not there.',
  remedy: 'Say in the configuration of the add-on what is meant with the new version, or take the variable out.',
  source: CNI_VARIABLES_SOURCE,
  evaluate: (input) => {
    const addon = movingCni(input)
    const found =
      addon === undefined ? [] : [...variables(input, addon), ...family(input, addon), ...agent(input, addon), ...tags(input, addon)]
    return foundOr(
      found,
      input.plan,
      `Nothing that is set changes its meaning between ${addon?.baseline.version} and ${addon?.hops.at(-1)}.`,
    )
  },
}

function variables({ snapshot }: CheckInput, addon: AddonIntent): readonly CheckFinding[] {
  return CNI_VARIABLES.flatMap(({ variable, version, value, change }) => {
    const set = awsNodeVariable(snapshot, variable)
    const way = crosses(addon, parseAddonVersion(version))
    if (set === undefined || way === undefined || value?.test(set) === false) return []
    const message = `${variable} is "${set}", and from v${version} on ${change}${way === 'down' ? '; this run goes below that' : ''}.`
    return [{ verdict: 'warn' as const, subject: SUBJECT, message }]
  })
}

/** The image alone of 1.10 and later does not start without them; an update of the add-on under PRESERVE may leave them out. */
function family({ snapshot }: CheckInput, addon: AddonIntent): readonly CheckFinding[] {
  if (crosses(addon, parseAddonVersion('1.10.0')) !== 'up' || addon.resolveConflicts === 'OVERWRITE') return []
  const lacking = ['ENABLE_IPv4', 'ENABLE_IPv6'].filter((name) => awsNodeVariable(snapshot, name) === undefined)
  if (lacking.length === 0) return []
  const message = `${lacking.join(' and ')} ${lacking.length === 1 ? 'is' : 'are'} not set, and from v1.10.0 on ipamd crashes without.`
  const remedy =
    '`kubectl -n kube-system set env ds/aws-node ENABLE_IPv4=true ENABLE_IPv6=false` (the other way round with IPv6), or OVERWRITE for this run.'
  return [{ verdict: 'block', subject: SUBJECT, message, remedy }]
}

/** From 1.19.3 on every pod waits for the node agent while an enforcing mode is set, in strict mode from 1.17.1 on. */
function agent({ snapshot }: CheckInput, addon: AddonIntent): readonly CheckFinding[] {
  const containers = awsNodeDaemonSet(snapshot)?.spec?.template?.spec?.containers
  const mode = awsNodeVariable(snapshot, 'NETWORK_POLICY_ENFORCING_MODE')
  const since = mode === 'strict' ? '1.17.1' : '1.19.3'
  if (!mode || containers === undefined || containers.some(({ name }) => name === 'aws-eks-nodeagent')) return []
  if (crosses(addon, parseAddonVersion(since)) !== 'up') return []
  const message = `NETWORK_POLICY_ENFORCING_MODE is "${mode}" and aws-node has no container aws-eks-nodeagent: from v${since} on no pod would get its network (failed to setup network policy).`
  const remedy = '`kubectl -n kube-system set env ds/aws-node NETWORK_POLICY_ENFORCING_MODE-`, or bring the node agent back.'
  return [{ verdict: 'block', subject: SUBJECT, message, remedy }]
}

/** From 1.22.0 on the tag of a node's own subnet counts too: 0 takes it out. */
function tags({ snapshot }: CheckInput, addon: AddonIntent): readonly CheckFinding[] {
  const off = awsNodeVariable(snapshot, 'ENABLE_SUBNET_DISCOVERY') === 'false'
  if (off || crosses(addon, parseAddonVersion('1.22.0')) !== 'up') return []
  const ofNodes = new Set((snapshot.aws.nodegroups ?? []).flatMap(({ subnets }) => subnets ?? []))
  const taken = (snapshot.aws.subnets ?? []).filter(
    ({ SubnetId, Tags }) =>
      ofNodes.has(SubnetId ?? '') && Tags?.some(({ Key, Value }) => Key === 'kubernetes.io/role/cni' && Value === '0'),
  )
  return taken.map(({ SubnetId }) => ({
    verdict: 'warn',
    subject: `Subnet/${SubnetId}`,
    message: `${SubnetId} has nodes and the tag kubernetes.io/role/cni=0: from v1.22.0 on aws-node takes no addresses there, and pods on those nodes get theirs elsewhere or not at all.`,
    remedy: `\`aws ec2 delete-tags --resources ${SubnetId} --tags Key=kubernetes.io/role/cni\`, or ENABLE_SUBNET_DISCOVERY "false".`,
  }))
}
