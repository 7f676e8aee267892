import { MINUTE, type Millis, SECOND } from '../../../model/instant.ts'
import { WireError } from '../../contract.ts'
import { type Input, recordOf, recordsOf, textOf, textsOf } from './answers.ts'
import { type ClusterUpdateDeps, refuseWhileBusy } from './cluster-update.ts'
import type { ClusterSettings } from './control-plane.ts'
import { invalidParameter } from './eks-errors.ts'
import { describeUpdate } from './updates.ts'

/** Our assumption: an endpoint or its subnets take minutes, the rest is soon done. */
const NETWORK_TAKES: Millis = 5 * MINUTE
const TAKES: Millis = 30 * SECOND

interface ConfigChange {
  readonly type: string
  readonly takes: Millis
  readonly params: Readonly<Record<string, string | undefined>>
  readonly settings: Partial<ClusterSettings>
}

type Reader = (deps: ClusterUpdateDeps, value: Input) => ConfigChange

/** UpdateClusterConfig: one kind of change at a time (text: crossplane-contrib/provider-aws#642). What has no row here answers 501. */
const READERS: Readonly<Record<string, Reader>> = {
  resourcesVpcConfig: vpcChange,
  logging: loggingChange,
  upgradePolicy: (_deps, value) => {
    const supportType = textOf(value, 'supportType') === 'STANDARD' ? 'STANDARD' : 'EXTENDED'
    return { type: 'UpgradePolicyUpdate', takes: TAKES, params: { UpgradePolicy: supportType }, settings: { supportType } }
  },
  accessConfig: accessChange,
  zonalShiftConfig: (_deps, value) => {
    const zonalShift = value.enabled === true
    return { type: 'ZonalShiftConfigUpdate', takes: TAKES, params: { ZonalShiftConfig: JSON.stringify(value) }, settings: { zonalShift } }
  },
}

export function updateClusterConfig(deps: ClusterUpdateDeps, input: Input): Record<string, unknown> {
  const begun = deps.updates.begunBy('cluster', input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  const { type, takes, params, settings } = changeOf(deps, input)
  refuseWhileBusy(deps, type)
  const update = deps.updates.open({ type, subject: 'cluster', input, params })
  deps.timeline.after(takes, 'control-plane/config', () => {
    Object.assign(deps.controlPlane.settings, settings)
    update.status = 'Successful'
  })
  deps.accepted('eks:UpdateClusterConfig', deps.cluster.name)
  return { update: describeUpdate(update) }
}

function changeOf(deps: ClusterUpdateDeps, input: Input): ConfigChange {
  const asked = Object.keys(input).filter((member) => input[member] !== undefined && !['name', 'clientRequestToken'].includes(member))
  const [member, ...more] = asked
  const clusterName = deps.cluster.name
  if (member === undefined) throw invalidParameter('No changes needed for the cluster config provided', { clusterName })
  if (more.length > 0) throw invalidParameter('Only one type of update can be allowed.', { clusterName })
  if (member === 'deletionProtection') return protectionChange(input.deletionProtection === true)
  const reader = READERS[member]
  if (reader === undefined) throw new WireError(501, 'NotImplemented', `The sandbox does not change ${member} of a cluster.`)
  return reader(deps, recordOf(input, member) ?? {})
}

function protectionChange(deletionProtection: boolean): ConfigChange {
  const params = { DeletionProtection: String(deletionProtection) }
  return { type: 'DeletionProtectionUpdate', takes: TAKES, params, settings: { deletionProtection } }
}

/** Endpoint access, or subnets and security groups; never both at once. */
function vpcChange(deps: ClusterUpdateDeps, value: Input): ConfigChange {
  if (value.subnetIds === undefined && value.securityGroupIds === undefined) return endpointChange(deps, value)
  const { settings } = deps.controlPlane
  if (value.endpointPublicAccess !== undefined || value.endpointPrivateAccess !== undefined || value.publicAccessCidrs !== undefined)
    throw invalidParameter('Only one type of update can be allowed.', { clusterName: deps.cluster.name })
  const subnetIds = value.subnetIds === undefined ? settings.subnetIds : textsOf(value, 'subnetIds')
  const zones = new Set(subnetIds.map((id) => deps.subnets.get(id)?.zone))
  if (zones.has(undefined)) throw invalidParameter('One or more of the subnets do not exist.', { clusterName: deps.cluster.name })
  if (zones.size < 2) throw invalidParameter('Subnets specified must be in at least two different AZs', { clusterName: deps.cluster.name })
  const securityGroupIds = value.securityGroupIds === undefined ? settings.securityGroupIds : textsOf(value, 'securityGroupIds')
  const params = { Subnets: JSON.stringify(subnetIds), SecurityGroups: JSON.stringify(securityGroupIds) }
  return { type: 'VpcConfigUpdate', takes: NETWORK_TAKES, params, settings: { subnetIds, securityGroupIds } }
}

function endpointChange({ controlPlane, cluster }: ClusterUpdateDeps, value: Input): ConfigChange {
  const now = controlPlane.settings
  const flag = (member: 'endpointPublicAccess' | 'endpointPrivateAccess') =>
    typeof value[member] === 'boolean' ? value[member] : now[member]
  const settings = {
    endpointPublicAccess: flag('endpointPublicAccess'),
    endpointPrivateAccess: flag('endpointPrivateAccess'),
    publicAccessCidrs: value.publicAccessCidrs === undefined ? now.publicAccessCidrs : textsOf(value, 'publicAccessCidrs'),
  }
  const { endpointPublicAccess, endpointPrivateAccess, publicAccessCidrs } = settings
  if (!endpointPublicAccess && !endpointPrivateAccess)
    throw invalidParameter('Private and public endpoint access cannot both be false.', { clusterName: cluster.name })
  const same =
    endpointPublicAccess === now.endpointPublicAccess &&
    endpointPrivateAccess === now.endpointPrivateAccess &&
    publicAccessCidrs.join() === now.publicAccessCidrs.join()
  if (same) {
    throw invalidParameter(
      `Cluster is already at the desired configuration with endpointPrivateAccess: ${endpointPrivateAccess} , endpointPublicAccess: ${endpointPublicAccess}, and Public Endpoint Restrictions: [${publicAccessCidrs.join(', ')}]`,
      { clusterName: cluster.name },
    )
  }
  const params = {
    EndpointPublicAccess: String(endpointPublicAccess),
    EndpointPrivateAccess: String(endpointPrivateAccess),
    PublicAccessCidrs: JSON.stringify(publicAccessCidrs),
  }
  return { type: 'EndpointAccessUpdate', takes: NETWORK_TAKES, params, settings }
}

function loggingChange({ controlPlane, cluster }: ClusterUpdateDeps, value: Input): ConfigChange {
  const wanted = new Set(controlPlane.settings.logging)
  for (const setup of recordsOf(value, 'clusterLogging')) {
    for (const type of textsOf(setup, 'types')) {
      if (setup.enabled === true) wanted.add(type)
      else wanted.delete(type)
    }
  }
  const logging = [...wanted].sort()
  if (logging.join() === [...controlPlane.settings.logging].sort().join())
    throw invalidParameter('No changes needed for the logging config provided', { clusterName: cluster.name })
  return { type: 'LoggingUpdate', takes: TAKES, params: { ClusterLogging: JSON.stringify(value) }, settings: { logging } }
}

/** An authentication mode is changed towards access entries, never back (EKS user guide, "setting-up-access-entries"). */
function accessChange({ controlPlane, cluster }: ClusterUpdateDeps, value: Input): ConfigChange {
  const MODES = ['CONFIG_MAP', 'API_AND_CONFIG_MAP', 'API']
  const authenticationMode = textOf(value, 'authenticationMode') ?? ''
  const [from, to] = [controlPlane.settings.authenticationMode, authenticationMode].map((mode) => MODES.indexOf(mode))
  if (from === undefined || to === undefined || to <= from) {
    throw invalidParameter(
      `Unsupported authentication mode update from ${controlPlane.settings.authenticationMode} to ${authenticationMode}`,
      { clusterName: cluster.name },
    )
  }
  const params = { AuthenticationMode: authenticationMode }
  return { type: 'AccessConfigUpdate', takes: TAKES, params, settings: { authenticationMode } }
}
