import type {
  AddonConfiguration,
  AddonListing,
  AutoScalingGroup,
  EksAddon,
  EksCluster,
  EksNodegroup,
  EksUpdate,
  LaunchTemplateVersion,
} from '../../model/aws.ts'
import { formatMinor, parseMinor } from '../../model/kubernetes-minor.ts'
import { subnetsOf } from '../../model/self-managed.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import { readImages, readQuotas } from './account-limits.ts'
import { readPrincipals } from './iam.ts'
import { readInsights } from './insights.ts'
import type { AddonTargets, NamedByPlan, TemplateVersions } from './named.ts'
import type { Pass } from './pass.ts'
import { releaseParameters } from './release-parameters.ts'
import { schemasWanted } from './schemas-wanted.ts'
import { readSelfManaged } from './self-managed.ts'
import { templatesWanted } from './templates-wanted.ts'

/** Of each kind of update the newest few: only the newest can still be in progress, the others tell when the last change was. */
const NEWEST_UPDATES = 3

/** Asked for even where EKS does not manage it, so that a plan can say what there would be. */
const ALWAYS_LISTED = ['vpc-cni']

type Aws = ClusterSnapshot['aws']

/** Everything of EKS, Auto Scaling, EC2, STS and SSM. */
export async function readAws(ports: ClusterPorts, pass: Pass, cluster: EksCluster, named: NamedByPlan): Promise<Aws> {
  const name = cluster.name ?? ''
  const [caller, insights, addons, groups] = await Promise.all([
    readCaller(ports, pass),
    readInsights(ports, pass, name, named.refreshInsights === true),
    readAddons(ports, pass, name),
    readGroups(ports, pass, name),
  ])
  const own = await readSelfManaged(ports, pass, name, named)
  const [offers, updates, behind, parameters, limits, alarms] = await Promise.all([
    readOffers(ports, pass, cluster, addons ?? [], named.addonTargets ?? {}),
    readUpdates(ports, pass, name, addons ?? [], groups ?? []),
    readBehind(ports, pass, cluster, {
      groups: groups ?? [],
      own: own.groups,
      named: named.templateVersions ?? [],
      former: named.formerTemplates ?? [],
    }),
    pass.readEach('ssm:GetParameter', releaseParameters(cluster, groups ?? [], named), (parameter) => ports.account.parameter(parameter)),
    readQuotas(ports, pass, groups ?? []),
    readAlarms(ports, pass, named),
  ])
  const ssmParameters = parameters.filter((parameter) => parameter !== undefined)
  const images = await readImages(ports, pass, { ...behind, nodegroups: groups, ssmParameters })
  const aws = {
    ...caller,
    cluster,
    ...(addons === undefined ? {} : { addons }),
    ...offers,
    ...(groups === undefined ? {} : { nodegroups: groups }),
    ...behind,
    ...(own.configurations && { launchConfigurations: own.configurations }),
    ...(insights === undefined ? {} : { insights }),
    updates,
    ssmParameters,
    ...limits,
    ...images,
    ...alarms,
  }
  return { ...aws, principals: await readPrincipals(ports, pass, aws, named) }
}

/** None are looked for where no gate names one: then nothing is known of them. */
async function readAlarms({ cloudWatch }: ClusterPorts, pass: Pass, { alarms: names = [] }: NamedByPlan): Promise<Pick<Aws, 'alarms'>> {
  if (names.length === 0) return {}
  const alarms = await pass.read('cloudwatch:DescribeAlarms', () => cloudWatch.alarms(names))
  return alarms === undefined ? {} : { alarms }
}

/** Who asks, for how long yet, and by what clock. */
async function readCaller({ account }: ClusterPorts, pass: Pass): Promise<Pick<Aws, 'callerIdentity' | 'credentials' | 'clockOffset'>> {
  const callerIdentity = await pass.read('sts:GetCallerIdentity', () => account.callerIdentity())
  const credentials = await pass.read('aws:credentials', () => account.credentials())
  return {
    ...(callerIdentity === undefined ? {} : { callerIdentity }),
    ...(credentials === undefined ? {} : { credentials }),
    clockOffset: account.clockOffset(),
  }
}

async function readAddons({ eks }: ClusterPorts, pass: Pass, cluster: string): Promise<readonly EksAddon[] | undefined> {
  const names = await pass.read('eks:ListAddons', () => eks.listAddons(cluster))
  if (names === undefined) return undefined
  const addons = await pass.readEach('eks:DescribeAddon', names.toSorted(), (name) => eks.describeAddon(cluster, name))
  return addons.filter((addon) => addon !== undefined)
}

async function readGroups({ eks }: ClusterPorts, pass: Pass, cluster: string): Promise<readonly EksNodegroup[] | undefined> {
  const names = await pass.read('eks:ListNodegroups', () => eks.listNodegroups(cluster))
  if (names === undefined) return undefined
  return pass.readEach('eks:DescribeNodegroup', names.toSorted(), (name) => eks.describeNodegroup(cluster, name))
}

async function readOffers(
  { eks }: ClusterPorts,
  pass: Pass,
  cluster: EksCluster,
  addons: readonly EksAddon[],
  targets: AddonTargets,
): Promise<{ readonly addonVersions: readonly AddonListing[]; readonly addonConfigurations: readonly AddonConfiguration[] }> {
  const names = [...new Set([...ALWAYS_LISTED, ...addons.flatMap((addon) => addon.addonName ?? [])])].sort()
  const addonVersions = await pass.readEach('eks:DescribeAddonVersions', names, (name) => eks.describeAddonVersions(name))
  const minor = parseMinor(cluster.version)
  const wanted = addons.flatMap((addon) => {
    const listing = addonVersions.find((each) => each.addonName === addon.addonName)
    return schemasWanted(addon, listing, minor === undefined ? '' : formatMinor(minor), targets[addon.addonName ?? ''])
  })
  const addonConfigurations = await pass.readEach('eks:DescribeAddonConfiguration', wanted, ({ addon, version }) =>
    eks.describeAddonConfiguration(addon, version),
  )
  return { addonVersions, addonConfigurations }
}

async function readUpdates(
  { eks }: ClusterPorts,
  pass: Pass,
  cluster: string,
  addons: readonly EksAddon[],
  groups: readonly EksNodegroup[],
): Promise<readonly EksUpdate[]> {
  const subjects = [
    {},
    ...groups.flatMap(({ nodegroupName: nodegroup }) => (nodegroup === undefined ? [] : [{ nodegroup }])),
    ...addons.flatMap(({ addonName: addon }) => (addon === undefined ? [] : [{ addon }])),
  ]
  const listed = await pass.readEach('eks:ListUpdates', subjects, async (of) => ({ of, ids: await eks.listUpdates(cluster, of) }))
  const newest = listed.flatMap(({ of, ids }) => ids.slice(0, NEWEST_UPDATES).map((id) => ({ of, id })))
  return pass.readEach('eks:DescribeUpdate', newest, ({ of, id }) => eks.describeUpdate(cluster, id, of))
}

interface Behind {
  readonly groups: readonly EksNodegroup[]
  /** Groups that EKS does not manage. */
  readonly own: readonly AutoScalingGroup[]
  readonly named: TemplateVersions
  readonly former: readonly TemplateQuestion[]
}

/** What stands behind the groups: Auto Scaling groups, launch templates, subnets with their addresses, instance types. */
async function readBehind(
  ports: ClusterPorts,
  pass: Pass,
  cluster: EksCluster,
  { groups, own, named, former }: Behind,
): Promise<Partial<Aws>> {
  const managed = groups.flatMap((group) => (group.resources?.autoScalingGroups ?? []).flatMap(({ name }) => name ?? []))
  const behind = await ask(pass, 'autoscaling:DescribeAutoScalingGroups', managed, (all) => ports.autoScaling.describeGroups(all))
  const autoScalingGroups = behind && [...behind, ...own]
  const scaling = autoScalingGroups ?? own
  const names = [...managed, ...own.flatMap(({ AutoScalingGroupName }) => AutoScalingGroupName ?? [])]
  const subnetIds = [
    ...(cluster.resourcesVpcConfig?.subnetIds ?? []),
    ...groups.flatMap((group) => group.subnets ?? []),
    ...scaling.flatMap(subnetsOf),
  ]
  const types = [
    ...groups.flatMap((group) => group.instanceTypes ?? []),
    ...scaling.flatMap((group) => (group.Instances ?? []).flatMap((instance) => instance.InstanceType ?? [])),
  ]
  const { securityGroupIds = [], clusterSecurityGroupId } = cluster.resourcesVpcConfig ?? {}
  const [subnets, securityGroups, networkInterfaces, instanceTypes, launchTemplateVersions, instanceRefreshes, reservations] =
    await Promise.all([
      ask(pass, 'ec2:DescribeSubnets', subnetIds, (ids) => ports.ec2.describeSubnets(ids)),
      ask(pass, 'ec2:DescribeSecurityGroups', [...securityGroupIds, clusterSecurityGroupId ?? ''], (ids) =>
        ports.ec2.describeSecurityGroups(ids),
      ),
      ask(pass, 'ec2:DescribeNetworkInterfaces', subnetIds, (ids) => ports.ec2.describeNetworkInterfaces(ids)),
      ask(pass, 'ec2:DescribeInstanceTypes', types, (all) => ports.ec2.describeInstanceTypes(all)),
      readTemplates(ports, pass, [...templatesWanted(groups, own, scaling, named), ...former]),
      pass.readEach('autoscaling:DescribeInstanceRefreshes', distinct(names), (name) => ports.autoScaling.describeInstanceRefreshes(name)),
      pass.readEach('ec2:GetSubnetCidrReservations', distinct(subnetIds), (id) => ports.ec2.subnetCidrReservations(id)),
    ])
  return {
    ...(autoScalingGroups === undefined ? {} : { autoScalingGroups }),
    launchTemplateVersions,
    instanceRefreshes: instanceRefreshes.flat(),
    subnetCidrReservations: reservations.flat(),
    ...(subnets === undefined ? {} : { subnets }),
    ...(securityGroups === undefined ? {} : { securityGroups }),
    ...(networkInterfaces === undefined ? {} : { networkInterfaces }),
    ...(instanceTypes === undefined ? {} : { instanceTypes }),
  }
}

/** One question about many names; none at all when there are no names, since an empty list would mean everything. */
async function ask<T>(
  pass: Pass,
  source: string,
  names: readonly string[],
  question: (names: readonly string[]) => Promise<readonly T[]>,
): Promise<readonly T[] | undefined> {
  const wanted = distinct(names)
  return wanted.length === 0 ? [] : pass.read(source, () => question(wanted))
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== ''))].sort()
}

/** One question: a template, and the versions of it. */
type TemplateQuestion = readonly [id: string, versions: readonly string[]]

async function readTemplates(
  { ec2 }: ClusterPorts,
  pass: Pass,
  questions: readonly TemplateQuestion[],
): Promise<readonly LaunchTemplateVersion[]> {
  const found = await pass.readEach('ec2:DescribeLaunchTemplateVersions', questions, ([id, versions]) =>
    ec2.describeLaunchTemplateVersions(id, versions),
  )
  return [...new Map(found.flat().map((version) => [`${version.LaunchTemplateId}/${version.VersionNumber}`, version])).values()]
}
