import { z } from 'zod'
import { defineFault } from './fault.ts'

/** Codes of DescribeAddon's health (API reference, AddonIssue). */
const CODES = [
  'AccessDenied',
  'AddonPermissionFailure',
  'AddonSubscriptionNeeded',
  'AdmissionRequestDenied',
  'ClusterUnreachable',
  'ConfigurationConflict',
  'InsufficientNumberOfReplicas',
  'InternalFailure',
  'K8sResourceNotFound',
  'UnsupportedAddonModification',
] as const

export const addonDegraded = defineFault({
  name: 'addon-degraded',
  title: 'an add-on reads DEGRADED with an issue, whatever its pods do',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html',
  needs: ['addon'],
  parameters: { code: z.enum(CODES), message: z.string().default(''), resourceIds: z.array(z.string()).default([]) },
  levers: { 'addon/health': (_subject, { code, message, resourceIds }) => ({ code, message, resourceIds }) },
})
