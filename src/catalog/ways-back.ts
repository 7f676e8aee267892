import type { WayBackRow } from './strategies/definition.ts'

/** What is not moved by a strategy: add-ons have steps of their own, everything else Serin leaves alone. */
export const OTHER_WAYS_BACK: readonly WayBackRow[] = [
  {
    what: 'EKS add-on (vpc-cni, kube-proxy, …)',
    image: 'not applicable',
    minor: 'not applicable',
    call: 'eks:UpdateAddon hop by hop to the last hop that passed, then to the baseline, with its role and configuration; what OVERWRITE wiped from aws-node is set again',
    restrictions: "The version must be listed for the cluster's minor. Success is the DaemonSet's template, not the version string.",
    otherwise:
      'Not listed: a point of no return that the plan accepts by name. WAY_BACK_OPEN holds the run when it goes from the list meanwhile.',
  },
  {
    what: 'Karpenter, Auto Mode, Fargate, hybrid nodes',
    image: 'not moved',
    minor: 'not moved',
    call: 'none',
    restrictions: 'Their nodes are compared with, never changed.',
    otherwise: 'Nothing to take back.',
  },
  {
    what: 'Control plane',
    image: 'not moved',
    minor: 'not moved: one minor back within 7 days by eks:UpdateClusterVersion, by hand',
    call: 'none',
    restrictions: 'Nodes go back before it: no kubelet may be newer than the control plane.',
    otherwise: 'Nothing to take back.',
  },
]
