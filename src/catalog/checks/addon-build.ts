import type { AddonVersionInfo } from '../../model/aws.ts'
import type { Node } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { listedVersion } from './reading/addons.ts'
import { nodesOf } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { names } from './reading/wording.ts'

/** Each build fits more than the minor: the platform version of the control plane and the machines it runs on. */
export const addonBuild: CheckDefinition = {
  code: 'ADDON_BUILD',
  title: "Every build of this run is for the cluster's platform version, and for the architecture of its nodes",
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'eks:DescribeAddonVersions', 'kubernetes:nodes'],
  notApplicable: ({ intent }) => (intent.addons.every(({ hops }) => hops.length === 0) ? 'No add-on moves.' : undefined),
  prevents: 'An update that EKS refuses although the version is listed for the minor, or images that do not start on some of the nodes.',
  remedy: 'Choose a build that fits: `aws eks describe-addon-versions --addon-name NAME --kubernetes-version MINOR`.',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonVersionInfo.html',
  evaluate: (input) => {
    const hops = input.intent.addons.flatMap((addon) => addon.hops.map((version) => ({ name: addon.name, version })))
    const found = hops.flatMap(({ name, version }) => {
      const info = listedVersion(input.snapshot, name, version)
      return info === undefined ? [] : [...platform(input, name, info), ...machines(input, name, info)]
    })
    return foundOr(found, input.plan, `${names(hops.map(({ name, version }) => `${name} ${version}`))} fit the platform and the nodes.`)
  },
}

function platform({ snapshot, intent }: CheckInput, name: string, info: AddonVersionInfo): readonly CheckFinding[] {
  const platforms = info.compatibilities?.find(({ clusterVersion }) => clusterVersion === intent.clusterMinor)?.platformVersions ?? ['*']
  const own = snapshot.aws.cluster?.platformVersion
  if (platforms.length === 0 || platforms.includes('*') || (own !== undefined && platforms.includes(own))) return []
  const message = `${name} ${info.addonVersion} is listed for platform versions ${platforms.join(', ')} of ${intent.clusterMinor}; this cluster has ${own ?? '(not said)'}.`
  const remedy = 'EKS moves the platform version by itself; until then choose another build.'
  return [{ verdict: own === undefined ? 'unknown' : 'block', subject: `Addon/${name}`, message, remedy }]
}

/** Nodes on which DaemonSets of add-ons do not run are no concern. */
function machines({ snapshot }: CheckInput, name: string, { addonVersion, architecture = [] }: AddonVersionInfo): readonly CheckFinding[] {
  if (architecture.length === 0) return []
  const misfit = nodesOf(snapshot).filter((node) => isLinux(node) && !architecture.includes(architectureOf(node)))
  if (misfit.length === 0) return []
  const message = `${name} ${addonVersion} is built for ${architecture.join(', ')}, but nodes of this cluster are ${[...new Set(misfit.map(architectureOf))].join(', ')} (${names(misfit.map(({ metadata }) => metadata.name))}).`
  return [{ verdict: 'block', subject: `Addon/${name}`, message }]
}

const architectureOf = ({ status }: Node) => status?.nodeInfo?.architecture ?? ''
const isLinux = (node: Node) => (node.status?.nodeInfo?.operatingSystem ?? 'linux') === 'linux' && architectureOf(node) !== ''
