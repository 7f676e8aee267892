import { controlPlaneAddresses } from '../../../src/catalog/checks/control-plane-addresses.ts'
import { controlPlaneNetwork } from '../../../src/catalog/checks/control-plane-network.ts'
import { endpointAccess } from '../../../src/catalog/checks/endpoint-access.ts'
import { insights } from '../../../src/catalog/checks/insights.ts'
import { insightsFresh } from '../../../src/catalog/checks/insights-fresh.ts'
import { removedApiObjects } from '../../../src/catalog/checks/removed-api-objects.ts'
import { removedApis } from '../../../src/catalog/checks/removed-apis.ts'
import { supportDates } from '../../../src/catalog/checks/support-dates.ts'
import { webhookAlone } from '../../../src/catalog/checks/webhook-alone.ts'
import { webhookReachable } from '../../../src/catalog/checks/webhook-reachable.ts'
import type { EksCluster, Insight } from '../../../src/model/aws.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import { addObjects, changeAws, changeCluster, nodeNames, type SnapshotChange } from '../../support/snapshot-builder.ts'
import { aWebhook } from '../../support/webhooks.ts'

const [appNode = ''] = nodeNames('app-a')

const network =
  (parts: Partial<NonNullable<EksCluster['resourcesVpcConfig']>>): SnapshotChange =>
  (snapshot) =>
    changeCluster({ resourcesVpcConfig: { ...snapshot.aws.cluster?.resourcesVpcConfig, ...parts } })(snapshot)

const free =
  (...counts: readonly number[]): SnapshotChange =>
  (snapshot) =>
    changeAws({ subnets: snapshot.aws.subnets?.map((each, place) => ({ ...each, AvailableIpAddressCount: counts[place] ?? 0 })) })(snapshot)

const insight =
  (parts: Partial<Insight>): SnapshotChange =>
  (snapshot) =>
    changeAws({ insights: snapshot.aws.insights?.map((each) => ({ ...each, ...parts })) })(snapshot)

/** A removed API in an insight, as it would be left over of a client long gone. */
const removed = (...agents: readonly string[]): SnapshotChange =>
  insight({
    categorySpecificSummary: {
      deprecationDetails: [{ usage: '/apis/x/v1beta1/y', clientStats: agents.map((userAgent) => ({ userAgent })) }],
    },
  })

/** An admission policy that a chart wrote last in the given version. */
const writtenAs = (apiVersion: string): SnapshotChange =>
  addObjects({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'no-latest', managedFields: [{ manager: 'helm', operation: 'Update', apiVersion, time: '2026-03-01T08:00:00Z' }] },
  })

const policy = (failurePolicy: string, ...nodes: readonly string[]) => ({ snapshot: aWebhook({ nodes, failurePolicy }) })

/** The control plane, and what stands before it. */
export const CONTROL_PLANE: readonly NearMiss[] = [
  {
    check: supportDates,
    title: 'the policy under which EKS upgrades by itself',
    fires: { snapshot: [changeCluster({ upgradePolicy: { supportType: 'STANDARD' } })] },
  },
  {
    check: controlPlaneNetwork,
    title: 'a security group that is not there',
    fires: { snapshot: [network({ securityGroupIds: ['sg-0gone'] })] },
  },
  {
    check: controlPlaneAddresses,
    title: 'four free addresses in the second zone, not five',
    fires: { snapshot: [free(900, 4, 0)] },
    silent: { snapshot: [free(900, 5, 0)] },
  },
  {
    check: endpointAccess,
    title: 'private access, where public access is limited',
    fires: { snapshot: [network({ publicAccessCidrs: ['203.0.113.0/24'], endpointPrivateAccess: false })] },
    silent: { snapshot: [network({ publicAccessCidrs: ['203.0.113.0/24'], endpointPrivateAccess: true })] },
  },
  {
    check: insights,
    title: 'the status of an insight',
    fires: { snapshot: [insight({ insightStatus: { status: 'WARNING', reason: 'x' } })] },
    silent: { snapshot: [insight({ insightStatus: { status: 'PASSING', reason: 'x' } })] },
  },
  {
    check: insightsFresh,
    title: 'insights of more than a day ago',
    fires: { snapshot: [insight({ lastRefreshTime: '2026-11-22T09:59:59Z' })] },
    silent: { snapshot: [insight({ lastRefreshTime: '2026-11-22T10:00:00Z' })] },
  },
  {
    check: removedApis,
    title: 'a client that still asks',
    fires: { snapshot: [removed('old-controller/0.9')] },
    silent: { snapshot: [insight({ categorySpecificSummary: { deprecationDetails: [{ usage: '/apis/x/v1beta1/y' }] } })] },
  },
  {
    check: removedApiObjects,
    title: 'the version in which a chart wrote an object',
    fires: { snapshot: [writtenAs('admissionregistration.k8s.io/v1beta1')] },
    silent: { snapshot: [writtenAs('admissionregistration.k8s.io/v1')] },
  },
  {
    check: webhookReachable,
    title: 'what happens when nobody answers',
    fires: policy('Fail'),
    silent: policy('Ignore'),
  },
  {
    check: webhookAlone,
    title: 'what happens while its only pod moves',
    fires: policy('Fail', appNode),
    silent: policy('Ignore', appNode),
  },
]
