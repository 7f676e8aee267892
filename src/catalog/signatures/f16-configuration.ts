import { about, byPerson, matched, type Signature, says } from './definition.ts'
import type { ClusterFacts } from './facts.ts'
import { atLeast, atSubjects, isFresh, logEvidence } from './reading.ts'

const WORDS =
  /IPv4 and IPv6 are both|invalid Network policy mode|Setting WARM_PREFIX_TARGET = 0 is not supported|IPv6 is supported only in Prefix Delegation|failed to validate configuration|AWS_VPC_K8S_\w+ cannot be|_MTU (MUST|cannot) be|IP_COOLDOWN_PERIOD MUST|POD_SECURITY_GROUP_ENFORCING_MODE must|StartNodeIPPoolManager/

/** Environment that aws-node refuses to start with. */
export const configuration: Signature = {
  code: 'F16',
  title: 'The configuration of aws-node contradicts itself, and it refuses to start',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/cmd/aws-vpc-cni/main.go',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:pods', 'kubernetes:daemonsets'],
  match(facts) {
    const { hung, cni } = facts
    if (hung.length === 0) return undefined
    const logged = logEvidence(hung, WORDS)
    const wrong = contradictions(facts)
    if (logged.length === 0 && wrong.length === 0) return { rejected: 'the environment of aws-node has no value that it refuses' }
    return matched({
      nodes: logged.length > 0 ? atSubjects(hung, logged) : hung,
      evidence: [...logged, ...wrong.map((text) => says(4, 'DaemonSet/kube-system/aws-node', text))],
      against: facts.serving
        .filter((node) => isFresh(node) && node.awsNode?.version === cni.version)
        .slice(0, 2)
        .map((node) => says(2, about(node), 'a new node is well with the same configuration')),
    })
  },
  remedy: () =>
    byPerson(
      'Put the value right in the configuration of the add-on, or take it back to what it was.',
      'aws eks describe-addon --cluster-name CLUSTER --addon-name vpc-cni --query addon.configurationValues',
    ),
}

/** `validateEnvVars` of cmd/aws-vpc-cni/main.go and `isConfigValid` of pkg/ipamd/ipamd.go. */
function contradictions({ cni: { env, version } }: ClusterFacts): readonly string[] {
  const on = (name: string) => env[name] === 'true'
  const mode = env.NETWORK_POLICY_ENFORCING_MODE
  const prefix = env.AWS_VPC_K8S_CNI_VETHPREFIX ?? 'eni'
  const targets = ['WARM_IP_TARGET', 'WARM_PREFIX_TARGET', 'MINIMUM_IP_TARGET'].every((name) => Number(env[name] ?? 0) <= 0)
  const rules: readonly (readonly [boolean, string])[] = [
    [on('ENABLE_IPv4') && on('ENABLE_IPv6'), 'ENABLE_IPv4 and ENABLE_IPv6 are both true'],
    [env.ENABLE_IPv4 !== undefined && !on('ENABLE_IPv4') && !on('ENABLE_IPv6'), 'ENABLE_IPv4 and ENABLE_IPv6 are both false'],
    [
      atLeast(version, '1.17.1') && mode !== undefined && !['', 'none', 'strict', 'standard'].includes(mode),
      `NETWORK_POLICY_ENFORCING_MODE is "${mode}"`,
    ],
    [
      on('ENABLE_PREFIX_DELEGATION') && targets,
      'prefix delegation is on and WARM_PREFIX_TARGET, WARM_IP_TARGET and MINIMUM_IP_TARGET are all 0 or unset',
    ],
    [prefix.length > 4 || ['eth', 'lo', 'vlan'].includes(prefix), `AWS_VPC_K8S_CNI_VETHPREFIX is "${prefix}"`],
    ...['AWS_VPC_ENI_MTU', 'POD_MTU'].map(
      (name) => [env[name] !== undefined && !validMtu(env[name]), `${name} is "${env[name]}"`] as const,
    ),
  ]
  return rules.flatMap(([broken, text]) => (broken ? [text] : []))
}

function validMtu(text = ''): boolean {
  return /^\d+$/.test(text) && Number(text) >= 576 && Number(text) <= 9001
}
