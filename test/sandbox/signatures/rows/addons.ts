import { MINUTE } from '../../../../src/model/instant.ts'
import { eks } from '../../aws/world-driver.ts'
import type { SignatureRow } from '../row.ts'
import type { Stage } from '../stage.ts'

/** The add-on as EKS describes it, when anything is wrong with it, with its newest update. */
function sickAddon({ world }: Stage): readonly unknown[] {
  const { addon } = eks(world, 'DescribeAddon', { addonName: 'vpc-cni' })
  if (addon.status === 'ACTIVE' && addon.health?.issues?.length === 0) return []
  const [updateId] = eks(world, 'ListUpdates', { addonName: 'vpc-cni' }).updateIds
  const { status, errors } = eks(world, 'DescribeUpdate', { addonName: 'vpc-cni', updateId }).update
  return [{ status: addon.status, version: addon.addonVersion, issues: addon.health?.issues, update: { status, errors } }]
}

const update = (stage: Stage) => {
  stage.updateCni('v1.22.4-eksbuild.3')
  stage.pass(25 * MINUTE)
}

/** An update that failed, with the same words as the add-on's health. */
function failed(version: string, code: string, message: string): unknown {
  const error = { errorCode: code, errorMessage: message, resourceIds: [] }
  const issues = [{ code, message, resourceIds: [] }]
  return { status: 'UPDATE_FAILED', version, issues, update: { status: 'Failed', errors: [error] } }
}

const BEFORE = 'v1.21.1-eksbuild.7'
const AFTER = 'v1.22.4-eksbuild.3'

const row = (code: string, title: string, evidence: unknown, rest: Partial<SignatureRow> = {}): SignatureRow => ({
  code,
  title,
  act: update,
  look: sickAddon,
  evidence: [evidence],
  ...rest,
})

/** Signatures of an add-on update that fails. */
export const ADDON_ROWS: readonly SignatureRow[] = [
  row(
    'F19',
    'an update fails for want of replicas',
    failed(
      AFTER,
      'InsufficientNumberOfReplicas',
      'The add-on is unhealthy because 3/4 pods are available. Pods are waiting because: CrashLoopBackOff.',
    ),
  ),
  row(
    'F20',
    'an update meets a conflict, and nothing rolls',
    failed(
      BEFORE,
      'ConfigurationConflict',
      'Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\nDaemonSet.apps aws-node - .spec.template.spec.containers[name="aws-node"].env[name="WARM_ENI_TARGET"].value',
    ),
    // What EKS itself sets there.
    { outside: { 'faults.0.env.WARM_ENI_TARGET': '1' } },
  ),
  row(
    'F21',
    'an update is refused by a webhook',
    failed(
      BEFORE,
      'AdmissionRequestDenied',
      'admission webhook "validate.policies.example.com" denied the request: denied by the policy of this cluster',
    ),
    {
      outside: { 'faults.0.behaviour': 'add-label', 'world.objects.2.webhooks.0.admissionReviewVersions': ['v1beta1'] },
      indifferent: {
        'world.objects.1.subsets.0.addresses.0.ip': 'whoever answers there denies',
        'world.objects.1.subsets.0.ports.0': 'the port behind the Service is its own affair',
        'world.objects.2.metadata.name': 'what a configuration is called decides nothing',
        'world.objects.2.webhooks.0.admissionReviewVersions': 'either version can deny',
        'world.objects.2.webhooks.0.clientConfig.service.path': 'whoever answers there denies',
        'world.objects.2.webhooks.0.failurePolicy': 'it was reached: a denial is no failure',
        'world.objects.2.webhooks.0.sideEffects': 'nobody makes a dry run',
      },
    },
  ),
]
