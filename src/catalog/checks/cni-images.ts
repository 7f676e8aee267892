import { type AddonVersion, compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { addonOf, CNI } from './reading/addons.ts'
import { tagOfContainer } from './reading/images.ts'
import { awsNodeDaemonSet } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'

const SUBJECT = 'DaemonSet/kube-system/aws-node'
/** From here on ipamd listens on a socket in the place of TCP 50051, and the agent of the first of these versions asks there. */
const SOCKET = { cni: '1.23.0', agent: '1.4.1' }

/** The images of aws-node belong together, and to the version of the add-on. */
export const cniImages: CheckDefinition = {
  code: 'CNI_IMAGES',
  title: 'The images of aws-node are those of the add-on, and fit each other',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'kubernetes:daemonsets'],
  prevents:
    'A baseline that is none: an image that somebody set by hand has not the rights and the configuration of its version, hands pods to plugins of another one, and going back leads to what never ran.',
  remedy:
    'Let EKS put its own images back: `aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --addon-version VERSION --resolve-conflicts OVERWRITE`.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2947',
  evaluate: (input) => {
    const daemonSet = awsNodeDaemonSet(input.snapshot)
    const [main, init, agent] = ['aws-node', 'aws-vpc-cni-init', 'aws-eks-nodeagent'].map((name) => tagOfContainer(daemonSet, name))
    if (main === undefined) return foundOr([], input.plan, 'There is no aws-node, or its image has no version.')
    const found = [...ofAddon(input, main), ...ofInit(main, init), ...ofAgent(main, agent)]
    return foundOr(
      found,
      input.plan,
      `aws-node is at ${main}, its init container at ${init ?? 'none'}, its node agent at ${agent ?? 'none'}.`,
    )
  },
}

function ofAddon({ snapshot, plan }: CheckInput, main: string): readonly CheckFinding[] {
  const version = addonOf(snapshot, CNI)?.addonVersion
  if (version === undefined || version === main) return []
  const message = `aws-node runs ${main}, the add-on is at ${version}: somebody set the image alone. Rights, configuration and kinds are those of ${version}, and EKS may put its image back at any time.`
  const remedy = `\`aws eks update-addon --cluster-name ${plan.cluster.name} --addon-name ${CNI} --addon-version ${version} --resolve-conflicts OVERWRITE\`, or move the add-on to ${main}.`
  return [{ verdict: 'block', subject: SUBJECT, message, remedy }]
}

function ofInit(main: string, init: string | undefined): readonly CheckFinding[] {
  if (init === undefined || init === main) return []
  const message = `aws-node runs ${main}, its init container ${init}: the plugin on the host and ipamd must be of one version, else new pods get no address (wrong client version).`
  return [{ verdict: 'block', subject: SUBJECT, message }]
}

function ofAgent(main: string, agent: string | undefined): readonly CheckFinding[] {
  const [cni, beside] = [parseAddonVersion(main), parseAddonVersion(agent)]
  if (cni === undefined || beside === undefined || atLeast(cni, SOCKET.cni) === atLeast(beside, SOCKET.agent)) return []
  const message = `aws-node ${main} and node agent ${agent} do not meet: from ${SOCKET.cni} on ipamd listens on a socket, which agents from ${SOCKET.agent} on ask. The agent waits for ever, and pods with it.`
  return [{ verdict: 'block', subject: SUBJECT, message }]
}

function atLeast(version: AddonVersion, limit: string): boolean {
  const parsed = parseAddonVersion(limit)
  return parsed !== undefined && compareAddonVersions(version, parsed) >= 0
}
