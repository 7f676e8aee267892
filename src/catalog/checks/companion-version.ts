import { parseAddonVersion } from '../../model/addon-version.ts'
import type { Workload } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import { COMPANIONS, olderThanListed } from '../knowledge/companion-versions.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { addonOf, hasListing, listedVersion, minorsOf } from './reading/addons.ts'
import { tagOf } from './reading/images.ts'
import { foundOr } from './reading/verdicts.ts'

/** Where a companion runs that is no EKS add-on, and the container that has its version. */
const WORKLOADS: Readonly<Record<string, readonly [kind: 'DaemonSet' | 'Deployment', name: string, container: string]>> = {
  coredns: ['Deployment', 'coredns', 'coredns'],
  'kube-proxy': ['DaemonSet', 'kube-proxy', 'kube-proxy'],
  'aws-ebs-csi-driver': ['Deployment', 'ebs-csi-controller', 'ebs-plugin'],
}

/** What else every pod needs fits the minor: names, Service addresses, volumes. */
export const companionVersion: CheckDefinition = {
  code: 'COMPANION_VERSION',
  title: "CoreDNS, kube-proxy and the EBS CSI driver are at versions for the cluster's minor",
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeCluster', 'eks:ListAddons', 'kubernetes:daemonsets', 'kubernetes:deployments'],
  prevents:
    'Pods on new nodes that cannot look up names or mount their volumes, taken for a failure of the new nodes: a companion had been left behind for several minors.',
  remedy:
    'Move it first: `aws eks update-addon --cluster-name CLUSTER --addon-name NAME --addon-version VERSION`, or put it into the plan.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html',
  evaluate: (input) => {
    const told = COMPANIONS.flatMap((name) => {
      const version = versionOf(input, name)
      return version === undefined ? [] : [{ name, version }]
    })
    return foundOr(
      told.flatMap(({ name, version }) => judge(input, name, version)),
      input.plan,
      `${told.map(({ name, version }) => `${name} ${version}`).join(', ') || 'No companion'} fits Kubernetes ${input.intent.clusterMinor}.`,
    )
  },
}

/** What the run moves is judged where it goes to, by other checks. */
function versionOf({ snapshot, intent }: CheckInput, name: string): string | undefined {
  if (intent.addons.some((addon) => addon.name === name && addon.hops.length > 0)) return undefined
  const managed = addonOf(snapshot, name)?.addonVersion
  if (managed !== undefined) return managed
  const [kind, workload, container] = WORKLOADS[name] ?? []
  const found =
    kind && objectsOf<Workload>(snapshot, kind).find(({ metadata }) => metadata.name === workload && metadata.namespace === 'kube-system')
  return found && tagOf(found.spec?.template?.spec?.containers?.find((each) => each.name === container)?.image)
}

/** What EKS lists counts; the table where that was not read, or EKS does not manage it. */
function judge({ snapshot, intent, plan }: CheckInput, name: string, text: string): readonly CheckFinding[] {
  const version = parseAddonVersion(text)
  if (version === undefined) return []
  const minor = intent.clusterMinor
  const managed = addonOf(snapshot, name) !== undefined
  const listed = managed && hasListing(snapshot, name) ? listedVersion(snapshot, name, text) : undefined
  if (listed !== undefined && minorsOf(listed).includes(minor)) return []
  const oldest = olderThanListed(name, version, minor)
  if (listed === undefined && oldest === undefined) return []
  const limit =
    oldest === undefined ? `listed for ${minorsOf(listed ?? {}).join(', ') || 'no minor'}` : `older than the oldest that is, ${oldest}`
  const remedy = managed
    ? `\`aws eks update-addon --cluster-name ${plan.cluster.name} --addon-name ${name} --addon-version VERSION\`; see \`aws eks describe-addon-versions --addon-name ${name} --kubernetes-version ${minor}\`.`
    : `Move it by whatever installed it; see \`aws eks describe-addon-versions --addon-name ${name} --kubernetes-version ${minor}\` for versions.`
  return [
    { verdict: 'warn', subject: `Addon/${name}`, message: `${name} ${text} is not listed for Kubernetes ${minor}: ${limit}.`, remedy },
  ]
}
